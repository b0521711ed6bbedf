//! What was executed is dropped.

use prime::order::State;
use wire::Seq;

/// Drops every slot at or below `executed`.
pub fn retire(state: &mut State, executed: Seq) {
    while let Some((first, _)) = state.slots.first_key_value() {
        if *first > executed {
            break;
        }
        state.slots.pop_first();
    }
    if executed > state.retired {
        state.retired = executed;
    }
}
