//! What the log's certificates order.

use prime::order::State;
use wire::Config;

/// Counts what the log's certificates order.
pub fn recount(state: &mut State, config: &Config) {
    state.slots.values_mut().for_each(|slot| {
        slot.committed = slot.replayed || prime::order::committed(config, slot);
    });
    prime::order::settle(state);
}
