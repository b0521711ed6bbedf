//! One mark, one cut.

use prime::order::State;
use wire::Seq;

/// Drops every slot at or below `executed`; `retired` becomes `executed` if that is higher.
pub fn retire(state: &mut State, executed: Seq) {
    state.retired = state.retired.max(executed);
    match executed.0.checked_add(1) {
        Some(next) => state.slots = state.slots.split_off(&Seq(next)),
        None => state.slots.clear(),
    }
}
