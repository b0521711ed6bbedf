//! A view begins.

use prime::order::Effects;
use prime::order::OrderSlot;
use prime::order::State;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::mem::take;
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
    let early = match view.cmp(&state.preinstalled) {
        Ordering::Less => BTreeMap::new(),
        Ordering::Equal => take(&mut state.early),
        Ordering::Greater => {
            state.early.clear();
            BTreeMap::new()
        }
    };
    state.view = view;
    state.preinstalled = state.preinstalled.max(view);
    state.start_seq = start_seq;
    state.promised.clear();
    state.leader_proof = None;
    state.leader_accused = false;

    let ordered = state.ordered;
    let replayed: Vec<(Seq, OrderSlot)> = bound
        .iter()
        .filter(|(seq, _)| **seq > ordered)
        .map(|(seq, named)| (*seq, replay(state.slots.remove(seq), named.as_ref())))
        .collect();
    state
        .slots
        .retain(|seq, slot| *seq <= ordered || slot.committed);
    state.slots.extend(replayed);
    prime::order::settle(state);
    state.accepted = state.ordered;
    state.preceding = state.ordered_matrix.clone();
    state.proposed = state.ordered;
    state.proposal = state.ordered_matrix.clone();

    let ordered = state.ordered;
    let entered: Vec<Seq> = early
        .into_iter()
        .filter(|(seq, _)| *seq > ordered)
        .filter_map(|(seq, slot)| match state.slots.entry(seq) {
            Entry::Occupied(_) => None,
            Entry::Vacant(place) => {
                place.insert(slot);
                Some(seq)
            }
        })
        .collect();
    prime::order::accept(state, config, effects);
    entered
        .into_iter()
        .for_each(|seq| prime::order::advance(state, config, seq, effects));
}

/// The slot of a number that the view change bound to `named`.
fn replay(held: Option<OrderSlot>, named: Option<&Verified<PrePrepare>>) -> OrderSlot {
    let digest = |pre_prepare: Option<&Verified<PrePrepare>>| pre_prepare.map(Verified::digest);
    let same = held
        .filter(|slot| named.is_some() && digest(slot.pre_prepare.as_ref()) == digest(named))
        .unwrap_or_default();
    OrderSlot {
        pre_prepare: same.pre_prepare.or_else(|| named.cloned()),
        committed: true,
        replayed: true,
        ..same
    }
}
