//! Reconciliation at its bounds.

use super::Stage;
use prime::pre_order::{self, Content};
use prime::recon::{
    Identifier, MAX_ANSWER_BYTES, MAX_ANSWERS, MAX_HELD, State, encode, part_length,
};
use std::collections::BTreeMap;
use wire::prime::{Recon, ReconRequest};
use wire::{Config, PoSeq, ReplicaId, Time, Verified};

const REQUEST: &str = "recon.on_recon_request";

/// Something that this server can answer for.
fn held(state: &State, pre_order: &pre_order::State) -> Option<(Identifier, Content)> {
    let archived = state.archive.iter().map(|(of, content)| (*of, content.clone()));
    let certified = (1..).map(ReplicaId).zip(&pre_order.columns).flat_map(|(id, column)| {
        let slots = column.slots.iter();
        slots.filter_map(move |(seq, slot)| Some(((id, *seq), pre_order::content(slot)?)))
    });
    certified.chain(archived).next()
}

/// Asks for what is held, by one who got as many parts, or as many bytes, as it may, or one less.
pub(super) fn on_recon_request(stage: &mut Stage<'_>) {
    type Args = (Time, pre_order::State, Verified<ReconRequest>);
    let (state, (now, pre_order, _)) = stage.call::<State, Args>();
    let Some((of, content)) = held(state, pre_order) else { return };
    let asker = stage.another(state.me);
    let (originator, seq) = of;
    let message = stage.hand.sign(asker, ReconRequest { originator, seq });
    let config = stage.hand.config;
    let length = usize::try_from(encode(config, &content).length).unwrap_or(usize::MAX);
    let left = MAX_ANSWER_BYTES.saturating_sub(part_length(config, length) as u64);
    // Others than the one that is asked for.
    let other = |number: usize| (originator, PoSeq(seq.0.saturating_add(1 + number as u64)));
    let some = |count: usize| (0..count).map(|at| (other(at), (*now, 1))).collect();
    let last = |bytes: u64| BTreeMap::from([(other(0), (*now, bytes))]);
    for got in [some(MAX_ANSWERS - 1), some(MAX_ANSWERS), last(left), last(left.saturating_add(1))]
    {
        let mut state = state.clone();
        state.answered[asker.index()] = got;
        stage.put(REQUEST, state, (*now, pre_order.clone(), message.clone()));
    }
}

/// Up to `most` identifiers of which a part may be held now, without that in `but`.
fn open(
    config: &Config,
    pre_order: &pre_order::State,
    most: usize,
    but: Identifier,
) -> Vec<Identifier> {
    let columns = (1..).map(ReplicaId).zip(&pre_order.columns);
    let open = columns.flat_map(|(id, column)| {
        let edge = column.retired.0.saturating_add(config.windows.preorder);
        let numbers = (column.aru.0.saturating_add(1)..=edge).map(PoSeq);
        let settled = |seq: &PoSeq| column.slots.get(seq).is_some_and(|it| it.certified.is_some());
        numbers.filter(move |seq| !settled(seq)).map(move |seq| (id, seq))
    });
    open.filter(|of| *of != but).take(most).collect()
}

/// The same part by a sender of whom as many are held as may be, or one less.
pub(super) fn on_recon(stage: &mut Stage<'_>) {
    let (state, args) = stage.call::<State, (pre_order::State, Verified<Recon>)>();
    let (pre_order, message) = args;
    let (sender, body) = (message.signer(), message.body());
    let but = (body.originator, body.seq);
    let known = state.parts.get(sender.index()).is_none_or(|parts| parts.contains_key(&but));
    if known || state.want.contains_key(&but) || !may_be_held(stage.hand.config, pre_order, but) {
        return;
    }
    let open = open(stage.hand.config, pre_order, MAX_HELD, but);
    if open.len() < MAX_HELD {
        return;
    }
    let part = |(originator, seq): Identifier| {
        stage.hand.sign(sender, Recon { originator, seq, ..body.clone() })
    };
    let all: BTreeMap<_, _> = open.iter().map(|of| (*of, part(*of))).collect();
    let mut less = all.clone();
    less.pop_last();
    for held in [all, less] {
        let mut state = state.clone();
        state.parts[sender.index()] = held;
        stage.put("recon.on_recon", state, (pre_order.clone(), message.clone()));
    }
}

fn may_be_held(config: &Config, pre_order: &pre_order::State, of: Identifier) -> bool {
    let Some(column) = pre_order.columns.get(of.0.index()) else { return false };
    let settled = column.slots.get(&of.1).is_some_and(|slot| slot.certified.is_some());
    let edge = column.retired.0.saturating_add(config.windows.preorder);
    config.is_replica(of.0) && (column.aru.0 + 1..=edge).contains(&of.1.0) && !settled
}
