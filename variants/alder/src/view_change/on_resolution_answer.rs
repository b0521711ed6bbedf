//! A resolution comes.

use prime::view_change::{Effects, State};
use wire::prime::ResolutionAnswer;
use wire::{Config, Reject, Verified};

/// Takes a resolution that was asked for.
pub fn on_resolution_answer(
    state: &mut State,
    config: &Config,
    message: &Verified<ResolutionAnswer>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let resolution = &message.body().resolution;
    let digest = resolution.digest();
    if state.resolutions.contains_key(&digest) {
        effects.reject(signer, Reject::Duplicate);
        return;
    }
    if !state.needed(config).contains(&digest) {
        effects.reject(signer, Reject::Stale);
        return;
    }

    state.resolutions.insert(digest, resolution.clone());
}
