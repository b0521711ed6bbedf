//! Numbers are ordered without gaps.

use prime::order::State;
use wire::Seq;

/// Counts as ordered what follows without a gap.
pub fn settle(state: &mut State) {
    // How far, and what was the last matrix on the way.
    let mut ordered = state.ordered;
    let mut last = None;
    while let Some(number) = ordered.0.checked_add(1) {
        let Some(slot) = state.slots.get(&Seq(number)) else {
            break;
        };
        if !slot.committed {
            break;
        }
        ordered = Seq(number);
        if let Some(message) = &slot.pre_prepare {
            last = Some(message);
        }
    }

    state.ordered = ordered;
    if let Some(message) = last {
        state.ordered_matrix = message.body().matrix.clone();
    }
    if ordered > state.accepted {
        state.accepted = ordered;
        state.preceding = state.ordered_matrix.clone();
    }
    if ordered > state.proposed {
        state.proposed = ordered;
        state.proposal = state.ordered_matrix.clone();
    }
}
