//! The number counts as executed.

use prime::execute::State;
use wire::{Config, PoSeq, Seq};

/// Notes that everything that `seq` made eligible was executed.
pub fn finish_number(state: &mut State, _config: &Config, seq: Seq, new: &[PoSeq]) {
    state.prefix.clear();
    state.prefix.extend_from_slice(new);
    state.executed = seq;
}
