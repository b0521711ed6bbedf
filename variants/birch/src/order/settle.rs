//! Counts as ordered what follows without a gap.

use prime::order::State;
use std::ops::Bound::Excluded;
use std::ops::Bound::Unbounded;
use wire::Seq;
use wire::prime::Matrix;

/// 4.1, "Global Ordering Phase"
pub fn settle(state: &mut State) {
    let (ordered, matrix) = run(state);
    let matrix = matrix.cloned();
    state.ordered = ordered;
    state.ordered_matrix = matrix.unwrap_or_else(|| std::mem::take(&mut state.ordered_matrix));
    if state.accepted < state.ordered {
        state.accepted = state.ordered;
        state.preceding = state.ordered_matrix.clone();
    }
    if state.proposed < state.ordered {
        state.proposed = state.ordered;
        state.proposal = state.ordered_matrix.clone();
    }
}

/// The last number of the run of committed ones after `ordered`, and the last matrix in it, if any.
fn run(state: &State) -> (Seq, Option<&Matrix>) {
    state
        .slots
        .range((Excluded(state.ordered), Unbounded))
        .zip(state.ordered.0..)
        .take_while(|((seq, slot), before)| seq.0 - before == 1 && slot.committed)
        .fold((state.ordered, None), |(_, matrix), ((seq, slot), _)| {
            let own = slot.pre_prepare.as_ref().map(|held| &held.body().matrix);
            (*seq, own.or(matrix))
        })
}
