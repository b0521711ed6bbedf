//! A leader is shown to have sent two Replays.

use prime::view_change::{Effects, State, convicts};
use wire::prime::{Incoming, ReplayConflict};
use wire::{Config, Effect, Reject, To, Verified};

/// Takes a proof that a leader signed two different Replays for one view.
pub fn on_replay_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<ReplayConflict>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let Some(view) = convicts(config, message) else {
        effects.reject(signer, Reject::Invalid);
        return;
    };
    if let Some(reason) = state.outside(view) {
        effects.reject(signer, reason);
        return;
    }
    if let Some(round) = state.rounds.get(&view) {
        if round.conflict.is_some() {
            effects.reject(signer, Reject::Duplicate);
            return;
        }
    }

    let round = state.rounds.entry(view).or_default();
    round.conflict = Some(message.clone());
    if !round.accused {
        round.accused = true;
        let message = Incoming::ReplayConflict(message.clone());
        effects.push(Effect::Relay { to: To::Others, message });
    }
}
