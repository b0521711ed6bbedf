//! `view_change.on_proposal`: a Pre-Prepare that a resolution names.

use prime::view_change::{State, bound_at};
use wire::prime::{Bound, PrePrepare};
use wire::{Config, Seq, Verified};

/// Whether some resolution that is needed lacks it.
fn lacking(state: &State, config: &Config, key: &(Seq, Bound), executed: Seq) -> bool {
    key.0 > executed
        && !state.proposals.contains_key(key)
        && state
            .needed(config)
            .iter()
            .filter_map(|resolution| state.resolutions.get(resolution))
            .any(|resolution| bound_at(resolution, key.0) == Some(key.1))
}

/// Keeps a Pre-Prepare that is lacking.
pub fn on_proposal(
    state: &mut State,
    config: &Config,
    message: &Verified<PrePrepare>,
    executed: Seq,
) -> bool {
    let bound = Bound { view: message.body().view, digest: message.digest() };
    let key = (message.body().seq, bound);
    let kept = lacking(state, config, &key, executed);
    state.proposals.extend(kept.then(|| (key, message.clone())));
    kept
}
