//! Takes the proof that a leader contradicted itself.

use prime::view_change::{Effects, State, convicts};
use wire::prime::ReplayConflict;
use wire::{Config, Effect, Reject, To, Verified};

/// Keeps the first proof of a view and passes it on.
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
    let known = state.rounds.get(&view).is_some_and(|round| round.conflict.is_some());
    if let Some(reason) = state.outside(view).or(known.then_some(Reject::Duplicate)) {
        effects.reject(signer, reason);
        return;
    }
    let round = state.rounds.entry(view).or_default();
    round.conflict = Some(message.clone());
    let told = std::mem::replace(&mut round.accused, true);
    if !told {
        effects.push(Effect::Relay { to: To::Others, message: message.clone().into() });
    }
}
