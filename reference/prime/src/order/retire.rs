//! Executed numbers are dropped.

use crate::order::State;
use slots::slot;
use wire::Seq;

/// Drops every slot at or below `executed`; `retired` becomes `executed` if that is higher. `early`
/// stays. Emits nothing.
///
/// Requires: `executed` is at most `state.ordered`.
/// Paper: none; the report keeps everything. Deviation: none.
///
/// Invariant: `retired` never falls; no slot at or below it is left, and those above stay as they
/// were.
/// Invariant: `ordered`, `accepted` and what is promised do not change.
#[slot(order.retire)]
pub fn retire(state: &mut State, executed: Seq) {
    assert!(executed <= state.ordered, "only ordered numbers are executed");
    state.slots = state.slots.split_off(&executed.next());
    state.retired = state.retired.max(executed);
}
