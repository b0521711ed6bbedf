//! The difference of the two vectors as spans of slots; for each slot the receivers are drawn up first
//! and served afterwards.

use prime::pre_order::{self, Content};
use prime::recon::{Effects, Identifier, State, encode, needs, senders};
use std::ops::Bound::{Excluded, Included};
use wire::prime::Matrix;
use wire::{Config, PoSeq, ReplicaId, To};

/// What is to be sent: one's own part of a content, to all of these.
struct Order {
    identifier: Identifier,
    content: Content,
    receivers: Vec<ReplicaId>,
}

/// The spans that grew, by originator: above the first number, up to the second.
fn spans<'a>(
    old: &'a [PoSeq],
    new: &'a [PoSeq],
) -> impl Iterator<Item = (ReplicaId, PoSeq, PoSeq)> + 'a {
    (1..=u16::MAX)
        .zip(old.iter().zip(new))
        .filter(|(_, (old, new))| old < new)
        .map(|(id, (old, new))| (ReplicaId(id), *old, *new))
}

/// Carries out `order`.
fn perform(state: &mut State, config: &Config, order: Order, effects: &mut Effects) {
    let Order { identifier, content, receivers } = order;
    let message = encode(config, &content).message(state.me, identifier.0, &content);
    let sent = state.sent.entry(identifier).or_default();
    for receiver in receivers {
        sent.insert(receiver);
        effects.send(To::One(receiver), message.clone());
    }
}

/// Sends this server's parts of what a Pre-Prepare, seen for the first time, would make eligible.
pub fn on_eligible(
    state: &mut State,
    config: &Config,
    pre_order: &pre_order::State,
    matrix: &Matrix,
    old: &[PoSeq],
    new: &[PoSeq],
    effects: &mut Effects,
) {
    let slots = spans(old, new).flat_map(|(originator, after, upto)| {
        let column = pre_order.columns.get(usize::from(originator.0).saturating_sub(1));
        column.into_iter().flat_map(move |column| {
            let span = column.slots.range((Excluded(after), Included(upto)));
            span.map(move |(seq, slot)| ((originator, *seq), slot))
        })
    });
    for (identifier, slot) in slots {
        let (originator, seq) = identifier;
        let Some(content) = pre_order::content(slot) else {
            continue;
        };
        if !senders(config, matrix, originator, seq).contains(&state.me) {
            continue;
        }
        let sent = state.sent.get(&identifier);
        let receivers: Vec<ReplicaId> = config
            .replicas()
            .filter(|receiver| sent.is_none_or(|sent| !sent.contains(receiver)))
            .filter(|receiver| *receiver != state.me)
            .filter(|receiver| needs(pre_order, *receiver, originator, seq))
            .collect();
        if !receivers.is_empty() {
            perform(state, config, Order { identifier, content, receivers }, effects);
        }
    }
}
