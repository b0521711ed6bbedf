//! Which records of the log no view change needs any more.

use crate::view_change::State;
use slots::slot;
use wire::Record;
use wire::View;
use wire::prime::{Body, Incoming, Prime};

/// Says whether a server in this state that starts again can do without `record`.
///
/// Let c be the view of `state.certificate` (0 without one), and let a view be *over* if it is below
/// `preinstalled` or at or below `installed`. It can do without
/// - promised Inits, Echos, Readys and VC-Lists, and held Inits, of a view that is over, but for the
///   promised Report (Init 0) of c: it is read before what makes the certificate;
/// - promised Replays, Replay-Prepares and Replay-Commits, and held Replays and Replay-Prepares, of
///   a view that is over, but for c;
/// - promised ResolutionAnswers whose resolution is not in `resolutions`;
/// - promised Install-Certificates of views that are not in `installs`;
/// - promised New-Leader-Proofs for views below `preinstalled`.
///
/// It needs everything else, as far as view changes are concerned.
///
/// Invariant: [`recover`](super::recover) of what is left, in the same order, gives the same
/// `preinstalled`, `installed`, `certificate`, `installs` and own promises of the change under way.
/// Paper: none. Deviation: none.
#[slot(view_change.needless)]
#[must_use]
#[expect(clippy::wildcard_enum_match_arm, reason = "what is not known to be needless is kept")]
pub fn needless(state: &State, record: &Record<Prime>) -> bool {
    let held = state.certificate.as_ref();
    let chosen = held.map_or(View(0), |held| held.replay.body.constraint.view);
    let over = |view: View| view < state.preinstalled || view <= state.installed;
    let spent = |view: View| over(view) && view != chosen;
    match record {
        Record::Promise(Body::RbInit(init)) => {
            if init.seq == 0 {
                spent(init.view)
            } else {
                over(init.view)
            }
        }
        Record::Promise(Body::RbEcho(echo)) => over(echo.view),
        Record::Promise(Body::RbReady(ready)) => over(ready.view),
        Record::Promise(Body::VcList(list)) => over(list.view),
        Record::Held(Incoming::RbInit(init)) => over(init.body().view),
        Record::Promise(Body::Replay(replay)) => spent(replay.constraint.view),
        Record::Promise(Body::ReplayPrepare(vote)) => spent(vote.view),
        Record::Promise(Body::ReplayCommit(vote)) => spent(vote.view),
        Record::Held(Incoming::Replay(replay)) => spent(replay.body().constraint.view),
        Record::Held(Incoming::ReplayPrepare(vote)) => spent(vote.body().view),
        Record::Promise(Body::ResolutionAnswer(answer)) => {
            !state.resolutions.contains_key(&answer.resolution.digest())
        }
        Record::Promise(Body::InstallCertificate(install)) => {
            !state.installs.contains_key(&install.replay.body.constraint.view)
        }
        Record::Promise(Body::NewLeaderProof(proof)) => {
            proof.votes.iter().all(|vote| vote.body.view < state.preinstalled)
        }
        _ => false,
    }
}
