//! What the log says about view changes.

use crate::view_change::{State, numbers};
use slots::slot;
use wire::prime::{Body, Bound, Incoming, Prime, ReplayCertificate};
use wire::{Config, List, Record, Seq};

/// Takes one record of the log, in the order written, before the server starts.
///
/// - `Promise` of an RbInit of a view above `preinstalled`: [`State::enter`], and `rounds` gets an empty
///   round for it.
/// - `Promise` of a VC-List of the change under way: it becomes `listed`; of a Replay: `promised`;
///   of a Replay-Prepare: `prepared` becomes its digest.
/// - `Held` Replay of the change under way: it becomes `replay`; `Held` Replay-Prepare: it enters
///   `prepares` under its signer.
/// - `Promise` of a ResolutionAnswer: the resolution enters `resolutions`.
/// - `Held` Pre-Prepare that a resolution held names: it enters `proposals`. (Of numbers that were
///   executed when the resolution was logged it may stand before it in the log, and is then not found
///   here: certificates order these, and what is asked for begins above what is executed again.)
/// - `Promise` of a Replay-Commit of the change under way: `committed` becomes its digest, and
///   `certificate` the round's Replay with those of `prepares` that
///   [`Round::certificate`](super::Round::certificate) returns; if it returns nothing, `certificate`
///   stays.
/// - `Promise` of an Install-Certificate of a view above `installed`: [`State::install`].
/// - Anything else is not for view changes: nothing happens.
///
/// Of one kind the last read stays. Emits nothing.
///
/// Requires: the record is one that this server logged; so an Install-Certificate's resolution is what its
/// constraint names, and the change under way has its round.
///
/// Invariant: after a restart no vote is contradicted, and the Report of the next view names what
/// it would have named.
/// Paper: none; the report's servers do not forget. Deviation: none.
#[slot(view_change.recover)]
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(Body::RbInit(init)) if init.view > state.preinstalled => {
            state.enter(init.view);
            state.rounds.entry(init.view).or_default();
        }
        Record::Promise(Body::ResolutionAnswer(answer)) => {
            let resolution = answer.resolution.clone();
            state.resolutions.insert(resolution.digest(), resolution);
        }
        Record::Promise(Body::InstallCertificate(install)) => {
            if install.replay.body.constraint.view > state.installed {
                state.install(install.clone());
            }
        }
        Record::Held(Incoming::PrePrepare(proposal)) => {
            let seq: Seq = proposal.body().seq;
            let bound = Bound { view: proposal.body().view, digest: proposal.digest() };
            let mut held = state.resolutions.values();
            if held.any(|held| numbers(held).any(|number| number == (seq, Some(bound)))) {
                state.proposals.insert((seq, bound), proposal.clone());
            }
        }
        Record::Promise(_) | Record::Held(_) => in_round(state, config, record),
    }
}

/// Records of the change under way.
fn in_round(state: &mut State, config: &Config, record: &Record<Prime>) {
    let view = state.preinstalled;
    if !state.changing() {
        return;
    }
    let round = state.rounds.entry(view).or_default();
    match record {
        Record::Promise(Body::VcList(list)) if list.view == view => {
            round.listed = Some(list.ids.clone());
        }
        Record::Promise(Body::Replay(replay)) if replay.constraint.view == view => {
            round.promised = Some(replay.clone());
        }
        Record::Promise(Body::ReplayPrepare(vote)) if vote.view == view => {
            round.prepared = Some(vote.digest);
        }
        Record::Held(Incoming::Replay(replay)) if replay.body().constraint.view == view => {
            round.replay = Some(replay.clone());
        }
        Record::Held(Incoming::ReplayPrepare(vote)) if vote.body().view == view => {
            round.prepares.insert(vote.signer(), vote.clone());
        }
        Record::Promise(Body::ReplayCommit(vote)) if vote.view == view => {
            round.committed = Some(vote.digest);
            let replay = round.replay.as_ref().map(|replay| replay.signed().clone());
            if let (Some(replay), Some(votes)) = (replay, round.certificate(config)) {
                let prepares = votes.iter().map(|vote| vote.signed().clone()).collect();
                let prepares = List::new(prepares).expect("at most one for each replica");
                state.certificate = Some(ReplayCertificate { replay, prepares });
            }
        }
        Record::Promise(_) | Record::Held(_) => {}
    }
}
