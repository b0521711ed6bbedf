//! Keeps a Pre-Prepare that a resolution names.

use prime::view_change::{State, bound_at};
use wire::prime::{Bound, PrePrepare};
use wire::{Config, Seq, Verified};

/// Keeps it if a needed resolution lacks it; whether it did.
pub fn on_proposal(
    state: &mut State,
    config: &Config,
    message: &Verified<PrePrepare>,
    executed: Seq,
) -> bool {
    let body = message.body();
    let bound = Bound { view: body.view, digest: message.digest() };
    let key = (body.seq, bound);
    if body.seq <= executed || state.proposals.contains_key(&key) {
        return false;
    }
    let named = state
        .needed(config)
        .iter()
        .filter_map(|digest| state.resolutions.get(digest))
        .any(|resolution| bound_at(resolution, body.seq) == Some(bound));
    if named {
        state.proposals.insert(key, message.clone());
    }
    named
}
