//! The change as a list of stages that are gone through in order; the early slots are a work list that
//! is merged into what is left of the old ones.

use prime::order::{OrderSlot, State, accept, settle};
use std::collections::BTreeMap;
use std::mem;
use wire::prime::{PrePrepare, Prime};
use wire::{Config, Effects, Seq, Verified, View};

/// What is installed.
struct Change<'a> {
    view: View,
    start_seq: Seq,
    bound: &'a BTreeMap<Seq, Option<Verified<PrePrepare>>>,
}

/// In this order.
const STAGES: [fn(&mut State, &Change<'_>); 4] = [replay, settled, begin, merge];

/// The numbers that the view change bound are ordered.
fn replay(state: &mut State, change: &Change<'_>) {
    for (seq, pre_prepare) in change.bound {
        if *seq <= state.ordered || *seq >= change.start_seq {
            continue;
        }
        let slot = state.slots.entry(*seq).or_default();
        let held = slot.pre_prepare.as_ref().map(Verified::digest);
        if held != pre_prepare.as_ref().map(Verified::digest) {
            slot.pre_prepare.clone_from(pre_prepare);
        }
        slot.replayed = true;
        slot.committed = true;
    }
}

fn settled(state: &mut State, _change: &Change<'_>) {
    settle(state);
}

/// The view begins after what is ordered.
fn begin(state: &mut State, change: &Change<'_>) {
    state.view = change.view;
    state.start_seq = change.start_seq;
    state.accepted = state.ordered;
    state.preceding = state.ordered_matrix.clone();
    state.proposed = state.ordered;
    state.proposal = state.ordered_matrix.clone();
    state.promised.clear();
    state.leader_proof = None;
    state.leader_accused = false;
    let ordered = state.ordered;
    state.slots.retain(|seq, slot| *seq <= ordered || slot.committed);
}

/// What came early takes the place of what is not ordered; where Q servers committed the number, their
/// certificate stays.
fn merge(state: &mut State, change: &Change<'_>) {
    forget(state, change.view);
    // Early things are of the preinstalled view.
    if state.preinstalled > change.view {
        return;
    }
    let early = mem::take(&mut state.early);
    if state.preinstalled < change.view {
        state.preinstalled = change.view;
        return;
    }
    for (seq, slot) in early {
        if seq <= state.ordered || seq < change.start_seq {
            continue;
        }
        match state.slots.get_mut(&seq) {
            None => {
                state.slots.insert(seq, slot);
            }
            Some(held) if view_of(held) == Some(change.view) => join(held, slot),
            Some(_) => {}
        }
    }
}

/// The view of the Pre-Prepare that is held.
fn view_of(slot: &OrderSlot) -> Option<View> {
    slot.pre_prepare.as_ref().map(|pre_prepare| pre_prepare.body().view)
}

/// Slots committed in the new view before it was installed hold no votes of another view.
fn forget(state: &mut State, view: View) {
    let ordered = state.ordered;
    for (seq, slot) in &mut state.slots {
        if *seq > ordered && view_of(slot) == Some(view) {
            slot.prepares.retain(|_, vote| vote.body().view == view);
            slot.commits.retain(|_, vote| vote.body().view == view);
            slot.prepared = false;
        }
    }
}

/// Adds what only `more` has.
fn join(slot: &mut OrderSlot, more: OrderSlot) {
    for (signer, vote) in more.prepares {
        slot.prepares.entry(signer).or_insert(vote);
    }
    for (signer, vote) in more.commits {
        slot.commits.entry(signer).or_insert(vote);
    }
    slot.prepared |= more.prepared;
}

/// Begins ordering in `view` with number `start_seq`.
pub fn install(
    state: &mut State,
    config: &Config,
    view: View,
    start_seq: Seq,
    bound: &BTreeMap<Seq, Option<Verified<PrePrepare>>>,
    effects: &mut Effects<Prime>,
) {
    if view <= state.view {
        return;
    }
    let change = Change { view, start_seq, bound };
    for stage in STAGES {
        stage(state, &change);
    }
    accept(state, config, effects);
}
