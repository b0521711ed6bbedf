//! A resolution arrives.

use crate::view_change::{Effects, State};
use slots::slot;
use wire::prime::ResolutionAnswer;
use wire::{Config, Reject, Verified};

/// Takes a resolution that was asked for.
///
/// Rejects (naming the signer, nothing changed), in this precedence:
/// Rejects: `Duplicate` if a resolution with its digest is held;
/// Rejects: `Stale` if its digest is not in `state.needed`.
///
/// Otherwise it enters `state.resolutions` under its digest: the digest proves it.
///
/// Paper: none. Deviation: none.
///
/// Invariant: a resolution is kept only under its own digest and only if that is needed; nothing
/// but rejects is emitted.
#[slot(view_change.on_resolution_answer)]
pub fn on_resolution_answer(
    state: &mut State,
    config: &Config,
    message: &Verified<ResolutionAnswer>,
    effects: &mut Effects,
) {
    let resolution = &message.body().resolution;
    let digest = resolution.digest();
    if state.resolutions.contains_key(&digest) {
        return effects.reject(message.signer(), Reject::Duplicate);
    }
    if !state.needed(config).contains(&digest) {
        return effects.reject(message.signer(), Reject::Stale);
    }
    state.resolutions.insert(digest, resolution.clone());
}
