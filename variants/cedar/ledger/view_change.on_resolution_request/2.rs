//! Hands out a resolution.

use prime::view_change::{Effects, State};
use wire::prime::{ResolutionAnswer, ResolutionRequest};
use wire::{Config, Reject, Time, To, Verified};

/// Answers the signer alone, if the resolution is here.
pub fn on_resolution_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<ResolutionRequest>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let digest = message.body().digest;
    let idle = [signer == state.me, !state.resolutions.contains_key(&digest)];
    if idle.contains(&true) {
        return;
    }
    let may = state.may_answer(config, now, signer);
    match state.resolutions.get(&digest).filter(|_| may) {
        None => effects.reject(signer, Reject::Full),
        Some(resolution) => {
            effects.send(To::One(signer), ResolutionAnswer { resolution: resolution.clone() });
        }
    }
}
