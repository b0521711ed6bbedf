//! The run of committed numbers is followed to its end; then the marks behind it are drawn level.

use prime::order::{OrderSlot, State};
use wire::Seq;
use wire::prime::Matrix;

/// The number after the last that is ordered, and its slot, if it is committed.
fn next(state: &State) -> Option<(Seq, &OrderSlot)> {
    let seq = Seq(state.ordered.0.checked_add(1)?);
    state.slots.get(&seq).filter(|slot| slot.committed).map(|slot| (seq, slot))
}

/// Draws a mark that is below `seq` level with it, and what belongs to it with `matrix`.
fn level(mark: &mut Seq, held: &mut Matrix, seq: Seq, matrix: &Matrix) {
    if *mark < seq {
        *mark = seq;
        held.clone_from(matrix);
    }
}

/// Counts as ordered what follows without a gap.
pub fn settle(state: &mut State) {
    let mut last = None;
    while let Some((seq, slot)) = next(state) {
        // A no-op has no matrix.
        if slot.pre_prepare.is_some() {
            last = Some(seq);
        }
        state.ordered = seq;
    }
    let slot = last.and_then(|seq| state.slots.get(&seq));
    if let Some(pre_prepare) = slot.and_then(|slot| slot.pre_prepare.as_ref()) {
        state.ordered_matrix = pre_prepare.body().matrix.clone();
    }
    level(&mut state.accepted, &mut state.preceding, state.ordered, &state.ordered_matrix);
    level(&mut state.proposed, &mut state.proposal, state.ordered, &state.ordered_matrix);
}
