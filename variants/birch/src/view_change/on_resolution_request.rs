//! `view_change.on_resolution_request`: hands a resolution out.

use prime::view_change::{Effects, State};
use wire::prime::{ResolutionAnswer, ResolutionRequest};
use wire::{Config, Reject, Time, To, Verified};

/// Answers a request.
pub fn on_resolution_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<ResolutionRequest>,
    effects: &mut Effects,
) {
    let (peer, wanted) = (message.signer(), message.body().digest);
    if peer == state.me || !state.resolutions.contains_key(&wanted) {
        return;
    }
    if !state.may_answer(config, now, peer) {
        effects.reject(peer, Reject::Full);
        return;
    }
    if let Some(resolution) = state.resolutions.get(&wanted).cloned() {
        effects.send(To::One(peer), ResolutionAnswer { resolution });
    }
}
