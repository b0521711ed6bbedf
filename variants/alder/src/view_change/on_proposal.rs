//! A Pre-Prepare may be one that is lacking.

use prime::view_change::{State, bound_at};
use wire::prime::{Bound, PrePrepare};
use wire::{Config, Seq, Verified};

/// Keeps a Pre-Prepare if some resolution that is needed lacks it; says whether it did.
pub fn on_proposal(
    state: &mut State,
    config: &Config,
    message: &Verified<PrePrepare>,
    executed: Seq,
) -> bool {
    let seq = message.body().seq;
    let bound = Bound { view: message.body().view, digest: message.digest() };
    if seq <= executed || state.proposals.contains_key(&(seq, bound)) {
        return false;
    }
    let mut lacked = false;
    for named in state.needed(config) {
        if let Some(resolution) = state.resolutions.get(&named) {
            if bound_at(resolution, seq) == Some(bound) {
                lacked = true;
                break;
            }
        }
    }
    if !lacked {
        return false;
    }

    state.proposals.insert((seq, bound), message.clone());
    true
}
