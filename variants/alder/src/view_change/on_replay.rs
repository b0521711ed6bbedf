//! A leader chose a constraint.

use prime::view_change::{Effects, State, proven};
use wire::prime::{Replay, ReplayConflict};
use wire::{Config, Reject, To, Verified};

/// Takes a Replay of its signer.
pub fn on_replay(
    state: &mut State,
    config: &Config,
    message: &Verified<Replay>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let constraint = &message.body().constraint;
    let view = constraint.view;
    if let Some(reason) = state.outside(view) {
        effects.reject(signer, reason);
        return;
    }
    if signer != config.leader_of(view) {
        effects.reject(signer, Reject::NotEntitled);
        return;
    }
    if let Some(round) = state.rounds.get_mut(&view) {
        if let Some(held) = &round.replay {
            if held.digest() == message.digest() {
                effects.reject(signer, Reject::Duplicate);
                return;
            }
            if !round.accused {
                let first = held.signed().clone();
                round.accused = true;
                let second = message.signed().clone();
                effects.send(To::All, ReplayConflict { first, second });
            }
            effects.reject(signer, Reject::Equivocation);
            return;
        }
    }
    if !proven(config, constraint, &message.body().proof) {
        effects.reject(signer, Reject::Invalid);
        return;
    }

    state.rounds.entry(view).or_default().replay = Some(message.clone());
}
