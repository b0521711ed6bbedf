//! What the log's certificates order.

use prime::order::State;
use wire::Config;

/// Finds out which slots are committed, and settles.
pub fn recount(state: &mut State, config: &Config) {
    for (_, slot) in &mut state.slots {
        slot.committed = slot.replayed || prime::order::committed(config, slot);
    }
    prime::order::settle(state);
}
