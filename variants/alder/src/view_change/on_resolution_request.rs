//! Somebody lacks a resolution.

use prime::view_change::{Effects, State};
use wire::prime::{ResolutionAnswer, ResolutionRequest};
use wire::{Config, Reject, Time, To, Verified};

/// Answers a ResolutionRequest of its signer.
pub fn on_resolution_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<ResolutionRequest>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let wanted = message.body().digest;
    if signer == state.me || !state.resolutions.contains_key(&wanted) {
        return;
    }
    if !state.may_answer(config, now, signer) {
        effects.reject(signer, Reject::Full);
        return;
    }

    if let Some(resolution) = state.resolutions.get(&wanted) {
        effects.send(To::One(signer), ResolutionAnswer { resolution: resolution.clone() });
    }
}
