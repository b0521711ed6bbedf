//! `view_change.make_replay_commit`: a vote that this server can stand for.

use prime::view_change::{Effects, State, Statement, complete, names, numbers, resolve};
use wire::prime::{
    Body, Constraint, Incoming, PrePrepare, Replay, ReplayCertificate, ReplayCommit,
    ReplayPrepare, Resolution, ResolutionAnswer,
};
use wire::{Config, List, Record, Seq, To, Verified};

/// The Replay to be voted for, with its certificate.
fn certified(
    state: &State,
    config: &Config,
) -> Option<(Verified<Replay>, Vec<Verified<ReplayPrepare>>)> {
    let round = state.round().filter(|round| round.committed.is_none())?;
    round.replay.clone().zip(round.certificate(config))
}

/// What the states that `constraint` names amount to, once all of them are complete.
fn amount(state: &State, constraint: &Constraint, executed: Seq) -> Option<Resolution> {
    let round = state.round()?;
    let members: Option<Vec<&Statement>> = constraint
        .ids
        .iter()
        .map(|id| {
            round
                .delivered
                .get(id)
                .and_then(|delivered| delivered.statement.as_ref())
                .filter(|_| complete(state, *id, executed))
        })
        .collect();
    resolve(&members?, &state.resolutions)
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
    let Some((replay, prepares)) = certified(state, config) else {
        return;
    };
    let constraint = &replay.body().constraint;
    if !state.resolutions.contains_key(&constraint.resolution) {
        match amount(state, constraint, executed) {
            None => return,
            Some(found) if names(constraint, &found) => {
                state.resolutions.insert(constraint.resolution, found);
            }
            Some(_) => {
                state.alarmed = true;
                return;
            }
        }
    }
    if !state.holds(constraint.resolution, executed) {
        return;
    }
    let Some(resolution) = state.resolutions.get(&constraint.resolution).cloned() else {
        return;
    };
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
