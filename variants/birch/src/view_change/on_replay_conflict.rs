//! `view_change.on_replay_conflict`: a leader is convicted.

use prime::view_change::{Effects, State, convicts};
use wire::prime::{Incoming, ReplayConflict};
use wire::{Config, Effect, Reject, To, Verified, View};

/// The view whose leader is convicted here and now for the first time.
fn judge(
    state: &State,
    config: &Config,
    message: &Verified<ReplayConflict>,
) -> Result<View, Reject> {
    let view = convicts(config, message).ok_or(Reject::Invalid)?;
    state.outside(view).map_or(Ok(()), Err)?;
    let known = state.rounds.get(&view).is_some_and(|round| round.conflict.is_some());
    if known { Err(Reject::Duplicate) } else { Ok(view) }
}

/// Keeps the proof and passes it on, unless one was sent or passed on before.
pub fn on_replay_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<ReplayConflict>,
    effects: &mut Effects,
) {
    match judge(state, config, message) {
        Err(reason) => effects.reject(message.signer(), reason),
        Ok(view) => {
            let round = state.rounds.entry(view).or_default();
            round.conflict = Some(message.clone());
            if !std::mem::replace(&mut round.accused, true) {
                let message = Incoming::ReplayConflict(message.clone());
                effects.push(Effect::Relay { to: To::Others, message });
            }
        }
    }
}
