//! Two reasons to count a slot as committed, looked up for each.

use prime::order::{OrderSlot, State, committed, settle};
use wire::Config;

/// Each makes a slot `committed`.
const REASONS: [fn(&Config, &OrderSlot) -> bool; 2] = [|_, slot| slot.replayed, committed];

/// Counts what the log's certificates order.
pub fn recount(state: &mut State, config: &Config) {
    for slot in state.slots.values_mut() {
        slot.committed = REASONS.iter().any(|reason| reason(config, slot));
    }
    settle(state);
}
