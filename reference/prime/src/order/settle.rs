//! Ordered numbers follow one another without gaps.

use crate::order::State;
use slots::slot;

/// Counts as ordered what follows without a gap.
///
/// While the slot of `ordered + 1` is `committed`: `ordered` becomes its number, and, if it has a
/// Pre-Prepare, `ordered_matrix` its matrix. If `ordered` then exceeds `accepted`, `accepted` becomes
/// `ordered` and `preceding` becomes `ordered_matrix`; likewise `proposed` and `proposal`. Emits
/// nothing.
///
/// Paper: 4.1, "Global Ordering Phase". Deviation: a no-op leaves the matrix that the next number is
/// held against.
///
/// Invariant: `ordered`, `accepted` and `proposed` never fall, and `ordered` is at most `accepted`
/// afterwards.
/// Invariant: slots do not change; to settle twice is to settle once.
#[slot(order.settle)]
pub fn settle(state: &mut State) {
    while let Some(slot) = state.slots.get(&state.ordered.next()).filter(|slot| slot.committed) {
        state.ordered = state.ordered.next();
        if let Some(proposal) = &slot.pre_prepare {
            state.ordered_matrix = proposal.body().matrix.clone();
        }
    }
    if state.ordered > state.accepted {
        state.accepted = state.ordered;
        state.preceding = state.ordered_matrix.clone();
    }
    if state.ordered > state.proposed {
        state.proposed = state.ordered;
        state.proposal = state.ordered_matrix.clone();
    }
}
