//! `view_change.make_replay_commit`: a vote that this server can stand for.

use prime::view_change::{Effects, State, complete, numbers};
use wire::prime::{
    Body, Incoming, PrePrepare, Replay, ReplayCertificate, ReplayCommit,
    ReplayPrepare, Resolution, ResolutionAnswer,
};
use wire::{Config, List, Record, Reject, ReplicaId, Seq, To, Verified};

/// Why this server does not vote.
enum Not {
    /// Something is missing.
    Yet,
    /// What it signed for the list is something else.
    Alike,
}

/// The Replay to be voted for, with its certificate, if it was accepted and its list is complete.
fn certified(
    state: &State,
    config: &Config,
    executed: Seq,
) -> Option<(Verified<Replay>, Vec<Verified<ReplayPrepare>>)> {
    let round = state.round().filter(|round| round.committed.is_none())?;
    let replay = round.replay.as_ref().filter(|held| round.prepared == Some(held.digest()))?;
    let prepares = round.certificate(config)?;
    let mut ids = replay.body().constraint.ids.iter();
    ids.all(|id| complete(state, *id, executed)).then(|| (replay.clone(), prepares))
}

/// What the vote stands for: the resolution of the constraint that this server signed for the list.
fn resolution(state: &State, replay: &Replay, executed: Seq) -> Result<Resolution, Not> {
    let constraint = &replay.constraint;
    let signed = state.round().and_then(|round| round.signed.get(&constraint.ids)).ok_or(Not::Yet)?;
    if signed != constraint {
        return Err(Not::Alike);
    }
    Some(&constraint.resolution)
        .filter(|digest| state.holds(**digest, executed))
        .and_then(|digest| state.resolutions.get(digest).cloned())
        .ok_or(Not::Yet)
}

/// The Pre-Prepares of numbers above `executed` that a resolution names, ascending.
fn proposals(state: &State, resolution: &Resolution, executed: Seq) -> Vec<Verified<PrePrepare>> {
    numbers(resolution)
        .filter(|(seq, _)| *seq > executed)
        .filter_map(|(seq, bound)| state.proposals.get(&(seq, bound?)).cloned())
        .collect()
}

/// Votes to commit the Replay, with all that the vote rests on logged before.
pub fn make_replay_commit(
    state: &mut State,
    config: &Config,
    executed: Seq,
    effects: &mut Effects,
) {
    let Some((replay, prepares)) = certified(state, config, executed) else {
        return;
    };
    let resolution = match resolution(state, replay.body(), executed) {
        Ok(resolution) => resolution,
        Err(Not::Yet) => return,
        Err(Not::Alike) => {
            if !std::mem::replace(&mut state.alarmed, true) {
                effects.reject(None::<ReplicaId>, Reject::Invalid);
            }
            return;
        }
    };
    let constraint = &replay.body().constraint;
    let named = proposals(state, &resolution, executed);
    let vote = ReplayCommit { view: constraint.view, digest: replay.digest() };
    if let Some(round) = state.rounds.get_mut(&constraint.view) {
        round.committed = Some(vote.digest);
    }
    state.certificate = Some(ReplayCertificate {
        replay: replay.signed().clone(),
        prepares: List::take(&mut prepares.iter().map(|vote| vote.signed().clone())),
    });
    let certificate = prepares.into_iter().map(|vote| Record::Held(Incoming::ReplayPrepare(vote)));
    let answer = Record::Promise(Body::ResolutionAnswer(ResolutionAnswer { resolution }));
    let content = named.into_iter().map(|held| Record::Held(Incoming::PrePrepare(held)));
    certificate.chain([answer]).chain(content).for_each(|record| effects.persist(record));
    effects.promise(To::All, vote);
}
