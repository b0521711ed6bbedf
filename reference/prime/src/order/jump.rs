//! A state takes the place of the numbers that led to it.

use crate::order::State;
use slots::slot;
use wire::prime::Matrix;
use wire::{Config, Seq};

/// Counts every number up to `seq` as ordered and executed: a state was adopted in which they are.
/// `preceding` is the matrix of the last of them that is no no-op, with N rows.
///
/// Nothing happens if `seq` is at or below `retired`. Otherwise slots at or below `seq` are dropped;
/// `retired` becomes `seq`; `ordered` becomes `seq` if it is lower, and then grows by one as long as
/// the slot of the next number is `committed`. If `accepted` is then below `ordered`, it becomes
/// `ordered` and `state.preceding` the matrix of that number (`preceding` for `seq` itself). Likewise
/// `proposed` and `proposal`. Emits nothing.
///
/// Paper: none. Deviation: none.
#[slot(order.jump)]
pub fn jump(state: &mut State, config: &Config, seq: Seq, preceding: &Matrix) {
    assert_eq!(preceding.rows.len(), config.size());
    if seq <= state.retired {
        return;
    }
    state.slots = state.slots.split_off(&seq.next());
    state.promised = state.promised.split_off(&seq.next());
    state.retired = seq;
    state.ordered = state.ordered.max(seq);
    while state.slots.get(&state.ordered.next()).is_some_and(|slot| slot.committed) {
        state.ordered = state.ordered.next();
    }
    let held = state.slots.get(&state.ordered).and_then(|slot| slot.pre_prepare.as_ref());
    let last = held.map_or(preceding, |proposal| &proposal.body().matrix);
    if state.accepted < state.ordered {
        state.accepted = state.ordered;
        state.preceding = last.clone();
    }
    if state.proposed < state.ordered {
        state.proposed = state.ordered;
        state.proposal = last.clone();
    }
}
