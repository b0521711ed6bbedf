//! Takes a resolution.

use prime::view_change::{Effects, State};
use wire::prime::ResolutionAnswer;
use wire::{Config, Reject, Verified};

/// Keeps a resolution that is needed.
pub fn on_resolution_answer(
    state: &mut State,
    config: &Config,
    message: &Verified<ResolutionAnswer>,
    effects: &mut Effects,
) {
    let resolution = &message.body().resolution;
    let digest = resolution.digest();
    let against = if state.resolutions.contains_key(&digest) {
        Some(Reject::Duplicate)
    } else if !state.needed(config).contains(&digest) {
        Some(Reject::Stale)
    } else {
        None
    };
    match against {
        Some(reason) => effects.reject(message.signer(), reason),
        None => {
            state.resolutions.insert(digest, resolution.clone());
        }
    }
}
