//! Three marks with the matrix that belongs to each, raised alike.

use prime::order::{State, settle};
use wire::prime::Matrix;
use wire::{Config, Seq};

/// Raises a mark to `seq`, with the matrix, if it is below.
fn raise(mark: &mut Seq, held: &mut Matrix, seq: Seq, matrix: &Matrix) {
    if *mark < seq {
        *mark = seq;
        held.clone_from(matrix);
    }
}

/// Counts every number up to `seq` as ordered and executed: a state was adopted in which they are.
pub fn jump(state: &mut State, _config: &Config, seq: Seq, preceding: &Matrix) {
    state.slots.retain(|number, _| *number > seq);
    state.early.retain(|number, _| *number > seq);
    state.retired = state.retired.max(seq);
    raise(&mut state.ordered, &mut state.ordered_matrix, seq, preceding);
    raise(&mut state.accepted, &mut state.preceding, seq, preceding);
    raise(&mut state.proposed, &mut state.proposal, seq, preceding);
    settle(state);
}
