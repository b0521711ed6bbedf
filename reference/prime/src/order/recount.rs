//! What the log proves to be ordered.

use crate::order::{State, committed, settle};
use slots::slot;
use wire::Config;

/// Counts what the log's certificates order: every slot that holds a commit certificate
/// ([`committed`]) or was `replayed` is `committed`, no other; then [`settle`]. Emits nothing.
///
/// Paper: none; the report's servers do not forget. Deviation: none.
///
/// Invariant: votes and Pre-Prepares do not change; `ordered` never falls.
#[slot(order.recount)]
pub fn recount(state: &mut State, config: &Config) {
    for slot in state.slots.values_mut() {
        slot.committed = slot.replayed || committed(config, slot);
    }
    settle(state);
}
