//! The change as a list of stages that are gone through in order; the early slots are a work list, and
//! those that enter are a second one.

use prime::order::{Effects, OrderSlot, State, accept, advance, settle};
use std::collections::BTreeMap;
use std::mem;
use wire::prime::PrePrepare;
use wire::{Config, Seq, Verified, View};

/// What is installed.
struct Change<'a> {
    config: &'a Config,
    view: View,
    start_seq: Seq,
    bound: &'a BTreeMap<Seq, Option<Verified<PrePrepare>>>,
}

/// In this order.
const STAGES: [fn(&mut State, &Change<'_>); 4] = [replay, drop_open, settled, begin];

/// The numbers that the view change bound are ordered.
fn replay(state: &mut State, change: &Change<'_>) {
    for seq in (state.ordered.0.saturating_add(1)..change.start_seq.0).map(Seq) {
        let found = change.bound.get(&seq);
        assert!(found.is_some(), "every number that is not ordered is bound");
        let slot = state.slots.entry(seq).or_default();
        if !slot.committed {
            *slot = OrderSlot {
                pre_prepare: found.cloned().flatten(),
                committed: true,
                replayed: true,
                ..OrderSlot::default()
            };
        }
    }
}

/// Of the view's own numbers only what Q servers committed stays.
fn drop_open(state: &mut State, change: &Change<'_>) {
    state.slots.retain(|seq, slot| *seq < change.start_seq || slot.committed);
}

fn settled(state: &mut State, _change: &Change<'_>) {
    settle(state);
}

/// The view begins after what is ordered.
fn begin(state: &mut State, change: &Change<'_>) {
    state.view = change.view;
    state.start_seq = change.start_seq;
    if change.view > state.preinstalled {
        state.preinstalled = change.view;
        state.early.clear();
    }
    state.accepted = state.ordered;
    state.proposed = state.ordered;
    state.preceding = state.ordered_matrix.clone();
    state.proposal = state.ordered_matrix.clone();
    state.leader_proof = None;
    state.promised.clear();
    state.leader_accused = false;
    state.tokens = change.config.windows.order;
}

/// What came early enters where nothing is held. Returns the numbers that entered, ascending.
fn enter(state: &mut State) -> Vec<Seq> {
    let mut entered = Vec::new();
    for (seq, slot) in mem::take(&mut state.early) {
        if seq > state.ordered && !state.slots.contains_key(&seq) {
            state.slots.insert(seq, slot);
            entered.push(seq);
        }
    }
    entered
}

/// Begins ordering in `view` with number `start_seq`.
pub fn install(
    state: &mut State,
    config: &Config,
    view: View,
    start_seq: Seq,
    bound: &BTreeMap<Seq, Option<Verified<PrePrepare>>>,
    effects: &mut Effects,
) {
    let change = Change { config, view, start_seq, bound };
    for stage in STAGES {
        stage(state, &change);
    }
    // While a higher view is preinstalled, what came early is of that one.
    if view == state.preinstalled {
        let entered = enter(state);
        accept(state, config, effects);
        for seq in entered {
            advance(state, config, seq, effects);
        }
    }
}
