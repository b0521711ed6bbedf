//! A state was adopted.

use prime::order::State;
use wire::Config;
use wire::Seq;
use wire::prime::Matrix;

/// Counts every number up to `seq` as ordered and executed.
pub fn jump(state: &mut State, _config: &Config, seq: Seq, preceding: &Matrix) {
    if seq <= state.retired {
        return;
    }
    state.slots.retain(|number, _| *number > seq);
    state.early.retain(|number, _| *number > seq);
    state.promised.retain(|number, _| *number > seq);
    state.retired = seq;
    if state.ordered < seq {
        state.ordered = seq;
        state.ordered_matrix = preceding.clone();
    }
    prime::order::settle(state);
}
