//! A server can stand for a Replay.

use prime::view_change::{Effects, State, numbers};
use wire::config::MAX_REPLICAS;
use wire::prime::{
    Body, Incoming, Replay, ReplayCertificate, ReplayCommit, ReplayPrepare, ResolutionAnswer,
};
use wire::{Config, List, Record, Reject, ReplicaId, Seq, To, Verified};

/// The Replay to be judged and its Replay-Prepares, if all but the resolution is here.
fn ready(
    state: &State,
    config: &Config,
    executed: Seq,
) -> Option<(Verified<Replay>, Vec<Verified<ReplayPrepare>>)> {
    let round = state.round()?;
    if round.committed.is_some() {
        return None;
    }
    let replay = round.replay.as_ref()?;
    if round.prepared != Some(replay.digest()) {
        return None;
    }
    let ids = &replay.body().constraint.ids;
    if !round.signed.contains_key(ids) {
        return None;
    }
    let prepares = round.certificate(config)?;
    for &id in ids.iter() {
        if !prime::view_change::complete(state, id, executed) {
            return None;
        }
    }
    Some((replay.clone(), prepares))
}

/// Votes to commit the Replay of the preinstalled view, once this server can stand for it.
pub fn make_replay_commit(
    state: &mut State,
    config: &Config,
    executed: Seq,
    effects: &mut Effects,
) {
    let Some((replay, prepares)) = ready(state, config, executed) else {
        return;
    };
    let view = state.preinstalled;
    let constraint = &replay.body().constraint;
    let mut agrees = false;
    if let Some(round) = state.round() {
        agrees = round.signed.get(&constraint.ids) == Some(constraint);
    }
    if !agrees {
        if !state.alarmed {
            state.alarmed = true;
            effects.reject(None::<ReplicaId>, Reject::Invalid);
        }
        return;
    }
    if !state.holds(constraint.resolution, executed) {
        return;
    }
    let Some(resolution) = state.resolutions.get(&constraint.resolution) else {
        return;
    };
    let mut votes = Vec::with_capacity(prepares.len());
    for vote in &prepares {
        if votes.len() < MAX_REPLICAS {
            votes.push(vote.signed().clone());
        }
    }
    let Ok(votes) = List::new(votes) else {
        return;
    };

    state.certificate = Some(ReplayCertificate { replay: replay.signed().clone(), prepares: votes });
    for vote in prepares {
        effects.persist(Record::Held(Incoming::ReplayPrepare(vote)));
    }
    let answer = ResolutionAnswer { resolution: resolution.clone() };
    effects.persist(Record::Promise(Body::ResolutionAnswer(answer)));
    for (seq, what) in numbers(resolution) {
        if seq <= executed {
            continue;
        }
        if let Some(bound) = what {
            if let Some(proposal) = state.proposals.get(&(seq, bound)) {
                effects.persist(Record::Held(Incoming::PrePrepare(proposal.clone())));
            }
        }
    }
    if let Some(round) = state.rounds.get_mut(&view) {
        round.committed = Some(replay.digest());
    }
    effects.promise(To::All, ReplayCommit { view, digest: replay.digest() });
}
