//! The Replay's certificate and all that it stands for are on disk.

use crate::view_change::{Effects, State, complete, numbers};
use slots::slot;
use wire::prime::{Constraint, ReplayCertificate, ReplayCommit, ResolutionAnswer};
use wire::{Config, List, Record, Reject, Seq, To};

/// Votes to commit the Replay of the preinstalled view, once this server can stand for it.
///
/// Nothing happens unless a change is under way and nothing was `committed`, a `replay` is held that
/// was accepted (`prepared` is its digest), with Q - 1 Replay-Prepares or more for it of others than its
/// leader ([`Round::certificate`](super::Round::certificate)), every server of its list is
/// [`complete`], and its list was `signed` here.
///
/// If what was signed for the list is not the Replay's constraint, more than f servers are faulty:
/// unless `state.alarmed`, that is set and `Invalid` is rejected, naming nobody; nothing else
/// happens, whether or not the Replay's resolution is held.
///
/// Otherwise, if the Replay's resolution is not held ([`State::holds`] for `executed`), nothing happens.
/// If it is, in this order: `state.certificate` becomes the Replay with those Replay-Prepares,
/// ascending; emitted are `Persist` as `Held` of each of them; the resolution, as `Persist` of a
/// ResolutionAnswer as `Promise`; `Persist` as `Held` of each Pre-Prepare that it names of a number
/// above `executed`, ascending; `committed` becomes the Replay's digest, and the Replay-Commit for it is
/// promised to all.
///
/// Invariant: at most one Replay-Commit a view, also across restarts. Whoever sent one can hand out
/// the resolution and its Pre-Prepares for as long as anybody may need them.
/// Paper: 5.3, "Replay Phase". Deviation: see the module.
#[slot(view_change.make_replay_commit)]
pub fn make_replay_commit(
    state: &mut State,
    config: &Config,
    executed: Seq,
    effects: &mut Effects,
) {
    let Some(round) = state.round().filter(|round| round.committed.is_none()) else { return };
    let Some(replay) = round.replay.clone() else { return };
    let (digest, constraint) = (replay.digest(), &replay.body().constraint);
    let Some(votes) = round.certificate(config) else { return };
    let whole = constraint.ids.iter().all(|id| complete(state, *id, executed));
    let Some(signed) = round.signed.get(&constraint.ids) else { return };
    if round.prepared != Some(digest) || !whole {
        return;
    }
    if signed != constraint {
        if !state.alarmed {
            state.alarmed = true;
            effects.reject(None, Reject::Invalid);
        }
        return;
    }
    if !state.holds(constraint.resolution, executed) {
        return;
    }
    votes.iter().for_each(|vote| effects.persist(Record::Held(vote.clone().into())));
    let prepares = votes.iter().map(|vote| vote.signed().clone()).collect();
    let prepares = List::new(prepares).expect("at most one for each replica");
    let view = constraint.view;
    keep(state, constraint, executed, effects);
    state.certificate = Some(ReplayCertificate { replay: replay.signed().clone(), prepares });
    state.rounds.entry(view).or_default().committed = Some(digest);
    effects.promise(To::All, ReplayCommit { view, digest });
}

/// Logs the resolution and the Pre-Prepares that are needed of it.
fn keep(state: &State, constraint: &Constraint, executed: Seq, effects: &mut Effects) {
    let resolution = state.resolutions.get(&constraint.resolution).expect("held").clone();
    let named: Vec<_> = numbers(&resolution).filter(|(seq, _)| *seq > executed).collect();
    effects.persist(Record::Promise(ResolutionAnswer { resolution }.into()));
    for (seq, bound) in named.into_iter().filter_map(|(seq, bound)| Some((seq, bound?))) {
        let proposal = state.proposals.get(&(seq, bound)).expect("held");
        effects.persist(Record::Held(proposal.clone().into()));
    }
}
