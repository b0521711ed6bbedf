//! Ordering goes on in a new view.

use std::collections::BTreeMap;

use prime::order::{Effects, OrderSlot, State};
use wire::prime::PrePrepare;
use wire::{Config, Seq, Verified, View};

/// Begins ordering in `view` with number `start_seq`.
pub fn install(
    state: &mut State,
    config: &Config,
    view: View,
    start_seq: Seq,
    bound: &BTreeMap<Seq, Option<Verified<PrePrepare>>>,
    effects: &mut Effects,
) {
    // What was resolved.
    let mut number = state.ordered.0;
    while start_seq.0 > 0 && number < start_seq.0 - 1 {
        number += 1;
        let seq = Seq(number);
        if let Some(slot) = state.slots.get(&seq)
            && slot.committed
        {
            continue;
        }
        let found = bound.get(&seq);
        assert!(found.is_some(), "nothing says what {seq} was resolved to");
        let mut slot = OrderSlot::default();
        if let Some(Some(message)) = found {
            slot.pre_prepare = Some(message.clone());
        }
        slot.committed = true;
        slot.replayed = true;
        state.slots.insert(seq, slot);
    }

    // What is left of the old view.
    let mut gone = Vec::new();
    for (seq, slot) in state.slots.range(start_seq..) {
        if !slot.committed {
            gone.push(*seq);
        }
    }
    for seq in gone {
        state.slots.remove(&seq);
    }
    prime::order::settle(state);

    // The new view.
    state.view = view;
    state.start_seq = start_seq;
    if view > state.preinstalled {
        state.preinstalled = view;
        state.early.clear();
    }
    state.accepted = state.ordered;
    state.proposed = state.ordered;
    state.preceding = state.ordered_matrix.clone();
    state.proposal = state.ordered_matrix.clone();
    state.leader_proof = None;
    state.promised.clear();
    state.leader_accused = false;
    state.tokens = config.windows.order;
    if view != state.preinstalled {
        return;
    }

    // What came early.
    let mut entered = Vec::new();
    for (seq, slot) in std::mem::take(&mut state.early) {
        if seq > state.ordered && !state.slots.contains_key(&seq) {
            state.slots.insert(seq, slot);
            entered.push(seq);
        }
    }
    prime::order::accept(state, config, effects);
    for seq in entered {
        prime::order::advance(state, config, seq, effects);
    }
}
