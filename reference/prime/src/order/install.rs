//! A view is installed.

use crate::order::{Effects, OrderSlot, State, accept, advance, settle};
use slots::slot;
use std::collections::BTreeMap;
use wire::prime::PrePrepare;
use wire::{Config, Seq, Verified, View};

/// Begins ordering in `view` with number `start_seq`.
///
/// `bound` says what every number above `ordered` and below `start_seq` was resolved to: a Pre-Prepare,
/// or `None` for a no-op. It may say more, which is not looked at.
///
/// Requires: `view` is above `state.view`; `bound` has a key for each number above `ordered` and below
/// `start_seq`. (A key that is missing is no no-op, it is the caller's fault and asserted against.)
///
/// In this order:
/// 1. Each of these numbers whose slot is not `committed` gets a new slot with that Pre-Prepare and
///    nothing else, `committed` and `replayed`.
/// 2. Slots from `start_seq` on that are not `committed` are dropped. [`settle`].
/// 3. `view` and `start_seq` are set, and `preinstalled` becomes `view` if that is higher (then
///    `early` is dropped). `accepted`
///    and `proposed` become `ordered`, `preceding` and `proposal` become `ordered_matrix`;
///    `leader_proof` and `promised` are emptied, `leader_accused` is unset, and `tokens` become
///    `windows.order`.
/// 4. If `view` is the preinstalled one, `early` is emptied: each of its slots with a number above
///    `ordered` for which `slots` has none enters `slots`; the others are dropped. [`accept`]; then
///    [`advance`] for each number that entered, ascending.
///
/// While the log is read, `early` is empty, and nothing is emitted. Then the caller runs `recount`
/// before each `install`, so that `ordered` is what it was, and slots with a commit certificate are
/// `committed`.
///
/// Invariant: `start_seq <= ordered + 1`; the first Pre-Prepare of the view is `start_seq`, and it is
/// held against the matrix of the highest number below that is no no-op.
/// Paper: 5.3, "Replay Phase". Deviation: see the head of `view_change`.
#[slot(order.install)]
pub fn install(
    state: &mut State,
    config: &Config,
    view: View,
    start_seq: Seq,
    bound: &BTreeMap<Seq, Option<Verified<PrePrepare>>>,
    effects: &mut Effects,
) {
    assert!(view > state.view, "views are installed in ascending order");
    for seq in (state.ordered.next().0..start_seq.0).map(Seq) {
        let pre_prepare = bound.get(&seq).expect("resolved and not ordered").clone();
        let slot = state.slots.entry(seq).or_default();
        if !slot.committed {
            let decided = OrderSlot { pre_prepare, committed: true, ..OrderSlot::default() };
            *slot = OrderSlot { replayed: true, ..decided };
        }
    }
    state.slots.retain(|seq, slot| *seq < start_seq || slot.committed);
    settle(state);
    state.view = view;
    state.start_seq = start_seq;
    if state.preinstalled < view {
        state.preinstalled = view;
        state.early.clear();
    }
    state.accepted = state.ordered;
    state.proposed = state.ordered;
    state.preceding = state.ordered_matrix.clone();
    state.proposal = state.ordered_matrix.clone();
    state.leader_proof = None;
    state.leader_accused = false;
    state.promised.clear();
    state.tokens = config.windows.order;
    if !state.votes() {
        return;
    }
    let mut early = std::mem::take(&mut state.early).split_off(&state.ordered.next());
    early.retain(|seq, _| !state.slots.contains_key(seq));
    let numbers: Vec<Seq> = early.keys().copied().collect();
    state.slots.append(&mut early);
    accept(state, config, effects);
    for seq in numbers {
        advance(state, config, seq, effects);
    }
}
