//! What was delivered is handed on.

use crate::broadcast::State;
use slots::slot;
use wire::Verified;
use wire::prime::RbInit;

/// Empties `state.fresh` and returns the Init of each tag that stood there, in that order.
///
/// Requires: each tag in `state.fresh` is `delivered`, so that its Init is held.
/// Paper: 5.3, "Preliminaries". Deviation: none.
///
/// Invariant: afterwards `fresh` is empty; nothing else changes.
#[slot(broadcast.take)]
pub fn take(state: &mut State) -> Vec<Verified<RbInit>> {
    let fresh = std::mem::take(&mut state.fresh);
    let init = |tag| state.instances.get(&tag).and_then(|instance| instance.init.clone());
    fresh.into_iter().map(|tag| init(tag).expect("delivered")).collect()
}
