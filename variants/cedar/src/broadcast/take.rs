//! The fresh tags as a work list that is looked up to its end.

use prime::broadcast::State;
use std::mem;
use wire::Verified;
use wire::prime::RbInit;

/// Empties `state.fresh` and returns the Init of each tag that stood there, in that order.
pub fn take(state: &mut State) -> Vec<Verified<RbInit>> {
    mem::take(&mut state.fresh)
        .iter()
        .filter_map(|tag| state.instances.get(tag)?.init.clone())
        .collect()
}
