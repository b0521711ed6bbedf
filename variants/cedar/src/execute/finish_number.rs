//! The new prefix as differences that are added to the old one.

use prime::execute::State;
use wire::{Config, PoSeq, Seq};

/// By how much each entry grows; 0 where it would fall.
fn growth(old: &[PoSeq], new: &[PoSeq]) -> Vec<u64> {
    old.iter().zip(new).map(|(old, new)| new.0.saturating_sub(old.0)).collect()
}

/// Notes that everything that `seq` made eligible was executed.
pub fn finish_number(state: &mut State, _config: &Config, seq: Seq, new: &[PoSeq]) {
    let growth = growth(&state.prefix, new);
    for (entry, more) in state.prefix.iter_mut().zip(growth) {
        entry.0 = entry.0.saturating_add(more);
    }
    state.executed = state.executed.max(seq);
}
