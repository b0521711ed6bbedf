//! `view_change.on_resolution_answer`: a resolution that was asked for.

use prime::view_change::{Effects, State};
use wire::prime::ResolutionAnswer;
use wire::{Config, Digest, Reject, Verified};

/// Whether the resolution with this digest is lacking and needed.
fn judge(state: &State, config: &Config, digest: &Digest) -> Result<(), Reject> {
    if state.resolutions.contains_key(digest) {
        Err(Reject::Duplicate)
    } else if !state.needed(config).contains(digest) {
        Err(Reject::Stale)
    } else {
        Ok(())
    }
}

/// Takes a resolution.
pub fn on_resolution_answer(
    state: &mut State,
    config: &Config,
    message: &Verified<ResolutionAnswer>,
    effects: &mut Effects,
) {
    let resolution = &message.body().resolution;
    let digest = resolution.digest();
    match judge(state, config, &digest) {
        Err(reason) => effects.reject(message.signer(), reason),
        Ok(()) => state.resolutions.extend([(digest, resolution.clone())]),
    }
}
