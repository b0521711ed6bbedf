//! Drops what was executed.

use prime::order::State;
use std::collections::BTreeMap;
use wire::Seq;

/// Drops every slot at or below `executed`.
pub fn retire(state: &mut State, executed: Seq) {
    state.slots = executed
        .0
        .checked_add(1)
        .map_or_else(BTreeMap::new, |next| state.slots.split_off(&Seq(next)));
    state.retired = state.retired.max(executed);
}
