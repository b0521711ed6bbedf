//! A state was adopted in which numbers were executed that were never ordered here.

use prime::order::{OrderSlot, State};
use std::collections::BTreeMap;
use wire::prime::Matrix;
use wire::{Config, Seq};

/// Drops the slots at or below `seq`.
fn drop_to(slots: &mut BTreeMap<Seq, OrderSlot>, seq: Seq) {
    while let Some((first, _)) = slots.first_key_value() {
        if *first > seq {
            return;
        }
        slots.pop_first();
    }
}

/// Counts every number up to `seq` as ordered and executed.
pub fn jump(state: &mut State, _config: &Config, seq: Seq, preceding: &Matrix) {
    if seq <= state.retired {
        return;
    }
    drop_to(&mut state.slots, seq);
    drop_to(&mut state.early, seq);
    while let Some((first, _)) = state.promised.first_key_value() {
        if *first > seq {
            break;
        }
        state.promised.pop_first();
    }
    state.retired = seq;
    if state.ordered < seq {
        state.ordered = seq;
        state.ordered_matrix = preceding.clone();
    }
    prime::order::settle(state);
}
