//! A state takes the place of the numbers that led to it.

use crate::order::{State, settle};
use slots::slot;
use wire::prime::Matrix;
use wire::{Config, Seq};

/// Counts every number up to `seq` as ordered and executed: a state was adopted in which they are.
/// `preceding` is the matrix of the last of them that is no no-op.
///
/// Requires: `preceding` has N rows.
///
/// Nothing happens if `seq` is at or below `retired`. Otherwise slots (`early` ones too) and promised
/// proposals at or below `seq` are dropped; `retired` becomes `seq`; if `ordered` is lower, it becomes
/// `seq` and `ordered_matrix` becomes `preceding`; then [`settle`]. Emits nothing. If the server is
/// running, the caller runs `accept` in the same step: the Pre-Prepare that is next in turn may lie in
/// its slot, and nothing that comes later would have it looked at.
///
/// Paper: none. Deviation: none.
///
/// Invariant: `retired`, `ordered`, `accepted` and `proposed` never fall, and afterwards none of
/// them is below `seq`.
/// Invariant: no slot at or below `seq` is left.
#[slot(order.jump)]
pub fn jump(state: &mut State, config: &Config, seq: Seq, preceding: &Matrix) {
    assert_eq!(preceding.rows.len(), config.size());
    if seq <= state.retired {
        return;
    }
    state.slots = state.slots.split_off(&seq.next());
    state.early = state.early.split_off(&seq.next());
    state.promised = state.promised.split_off(&seq.next());
    state.retired = seq;
    if state.ordered < seq {
        state.ordered = seq;
        state.ordered_matrix = preceding.clone();
    }
    settle(state);
}
