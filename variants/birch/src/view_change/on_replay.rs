//! `view_change.on_replay`: the leader's choice.

use prime::view_change::{Effects, Round, State, proven};
use wire::prime::{Replay, ReplayConflict};
use wire::{Config, Reject, To, Verified};

/// Whether the Replay is the first of its view's leader, and may be chosen.
fn judge(
    state: &State,
    config: &Config,
    held: Option<&Verified<Replay>>,
    message: &Verified<Replay>,
) -> Result<(), Reject> {
    let body = message.body();
    state.outside(body.constraint.view).map_or(Ok(()), Err)?;
    if message.signer() != config.leader_of(body.constraint.view) {
        return Err(Reject::NotEntitled);
    }
    match held {
        Some(first) if first.digest() == message.digest() => Err(Reject::Duplicate),
        Some(_) => Err(Reject::Equivocation),
        None if !proven(config, &body.constraint, &body.proof) => Err(Reject::Invalid),
        None => Ok(()),
    }
}

/// Shows two Replays of one leader, unless that was done.
fn accuse(round: &mut Round, second: &Verified<Replay>, effects: &mut Effects) {
    let first = round.replay.as_ref().filter(|_| !round.accused).map(|held| held.signed().clone());
    if let Some(first) = first {
        round.accused = true;
        effects.send(To::All, ReplayConflict { first, second: second.signed().clone() });
    }
}

/// Takes a Replay.
pub fn on_replay(
    state: &mut State,
    config: &Config,
    message: &Verified<Replay>,
    effects: &mut Effects,
) {
    let view = message.body().constraint.view;
    let held = state.rounds.get(&view).and_then(|round| round.replay.as_ref());
    match judge(state, config, held, message) {
        Ok(()) => state.rounds.entry(view).or_default().replay = Some(message.clone()),
        Err(reason) => {
            let round = state.rounds.get_mut(&view).filter(|_| reason == Reject::Equivocation);
            if let Some(round) = round {
                accuse(round, message, effects);
            }
            effects.reject(message.signer(), reason);
        }
    }
}
