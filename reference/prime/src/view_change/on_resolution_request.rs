//! Somebody lacks a resolution.

use crate::view_change::{Effects, State};
use slots::slot;
use wire::prime::{ResolutionAnswer, ResolutionRequest};
use wire::{Config, Reject, Time, To, Verified};

/// Answers a ResolutionRequest of its signer.
///
/// If the signer is this server or the resolution is not in `state.resolutions`, nothing happens.
/// Rejects: `Full` (naming the signer, nothing changed) if it was answered [`ANSWERS`](super::ANSWERS) times in its
/// period, see [`State::may_answer`].
///
/// Otherwise a ResolutionAnswer is emitted as `Send` to the signer alone.
///
/// Paper: none. Deviation: none.
///
/// Invariant: nothing but the count of answers to the signer changes, and the answer goes to the
/// signer alone.
#[slot(view_change.on_resolution_request)]
pub fn on_resolution_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<ResolutionRequest>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let held = state.resolutions.get(&message.body().digest).cloned();
    let Some(resolution) = held.filter(|_| sender != state.me) else { return };
    if !state.may_answer(config, now, sender) {
        return effects.reject(sender, Reject::Full);
    }
    effects.send(To::One(sender), ResolutionAnswer { resolution });
}
