//! A view begins.

use prime::order::Effects;
use prime::order::OrderSlot;
use prime::order::State;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::mem::take;
use std::ops::Bound::Excluded;
use std::ops::Bound::Unbounded;
use wire::Config;
use wire::Seq;
use wire::Verified;
use wire::View;
use wire::prime::PrePrepare;

/// 5.3, "Replay Phase"
pub fn install(
    state: &mut State,
    config: &Config,
    view: View,
    start_seq: Seq,
    bound: &BTreeMap<Seq, Option<Verified<PrePrepare>>>,
    effects: &mut Effects,
) {
    let fresh = replayed(state, start_seq, bound);
    state.slots.extend(fresh);
    state
        .slots
        .retain(|seq, slot| *seq < start_seq || slot.committed);
    prime::order::settle(state);

    if view > state.preinstalled {
        state.preinstalled = view;
        state.early.clear();
    }
    state.view = view;
    state.start_seq = start_seq;
    state.accepted = state.ordered;
    state.preceding = state.ordered_matrix.clone();
    state.proposed = state.ordered;
    state.proposal = state.ordered_matrix.clone();
    state.leader_proof = None;
    state.leader_accused = false;
    state.promised.clear();
    state.tokens = config.windows.order;

    if view == state.preinstalled {
        let entered = join(state);
        prime::order::accept(state, config, effects);
        entered
            .into_iter()
            .for_each(|seq| prime::order::advance(state, config, seq, effects));
    }
}

/// The slots of numbers above `ordered` and below `start_seq` that have no commit certificate, as
/// the view change bound them.
fn replayed(
    state: &State,
    start_seq: Seq,
    bound: &BTreeMap<Seq, Option<Verified<PrePrepare>>>,
) -> Vec<(Seq, OrderSlot)> {
    let due = || {
        bound
            .range((Excluded(state.ordered), Unbounded))
            .take_while(|(seq, _)| **seq < start_seq)
    };
    let gap = start_seq.0.saturating_sub(state.ordered.0).saturating_sub(1);
    assert!(due().count() as u64 == gap, "a number below startSeq was not resolved");
    due()
        .filter(|(seq, _)| !state.slots.get(seq).is_some_and(|slot| slot.committed))
        .map(|(seq, named)| {
            let slot = OrderSlot {
                pre_prepare: named.clone(),
                committed: true,
                replayed: true,
                ..OrderSlot::default()
            };
            (*seq, slot)
        })
        .collect()
}

/// Takes up what came early where nothing is held; the numbers that entered, ascending.
fn join(state: &mut State) -> Vec<Seq> {
    let ordered = state.ordered;
    take(&mut state.early)
        .into_iter()
        .filter(|(seq, _)| *seq > ordered)
        .filter_map(|(seq, slot)| match state.slots.entry(seq) {
            Entry::Occupied(_) => None,
            Entry::Vacant(place) => {
                place.insert(slot);
                Some(seq)
            }
        })
        .collect()
}
