//! Whether a view can be installed.

use crate::view_change::State;
use slots::slot;
use wire::prime::InstallCertificate;
use wire::{Config, List, Seq};

/// Returns the certificate of the highest view above `state.installed` that can be installed now.
///
/// `ordered` is how far this server has ordered without a gap, `executed` how far it has executed. A
/// certificate can be installed if its resolution's base is at or below `ordered` and its resolution
/// is held ([`State::holds`] for `executed`). The candidates are those in `offered`, and, if a change
/// is under way, the one made of its `replay`, at least Q Replay-Commits for it
/// ([`Round::quorum`](super::Round::quorum)), ascending by signer, and its resolution; this one, if
/// both it and one in `offered` are of the highest view.
///
/// Paper: 5.3, "Replay Phase". Deviation: see the module.
///
/// Invariant: changes nothing; what it returns is of a view above `installed` and can be installed
/// in full now.
#[slot(view_change.installed)]
pub fn installed(
    state: &State,
    config: &Config,
    ordered: Seq,
    executed: Seq,
) -> Option<InstallCertificate> {
    let own = own(state, config);
    let candidates = state.offered.values().chain(own.as_ref());
    let ready = candidates.filter(|candidate| {
        candidate.replay.body.constraint.view > state.installed
            && candidate.resolution.base <= ordered
            && state.holds(candidate.replay.body.constraint.resolution, executed)
    });
    ready.max_by_key(|candidate| candidate.replay.body.constraint.view).cloned()
}

/// The certificate that the change under way has come to.
fn own(state: &State, config: &Config) -> Option<InstallCertificate> {
    let round = state.round()?;
    let replay = round.replay.as_ref()?;
    let votes = round.quorum(config)?;
    let resolution = state.resolutions.get(&replay.body().constraint.resolution)?.clone();
    let commits = votes.iter().map(|vote| vote.signed().clone()).collect();
    let commits = List::new(commits).expect("at most one for each replica");
    Some(InstallCertificate { replay: replay.signed().clone(), commits, resolution })
}
