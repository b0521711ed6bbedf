//! Parts of what is about to become eligible.

use std::ops::Bound;

use prime::pre_order;
use prime::recon::{Effects, State};
use wire::prime::Matrix;
use wire::{Config, PoSeq, ReplicaId, To};

/// Sends this server's parts of what a Pre-Prepare would make eligible.
pub fn on_eligible(
    state: &mut State,
    config: &Config,
    pre_order: &pre_order::State,
    matrix: &Matrix,
    old: &[PoSeq],
    new: &[PoSeq],
    effects: &mut Effects,
) {
    let mut at = 0_usize;
    for originator in config.replicas() {
        let (Some(from), Some(to), Some(column)) =
            (old.get(at), new.get(at), pre_order.columns.get(at))
        else {
            return;
        };
        at += 1;
        if to <= from {
            continue;
        }

        for (seq, slot) in column.slots.range((Bound::Excluded(*from), Bound::Included(*to))) {
            if slot.certified.is_none() {
                continue;
            }
            if !prime::recon::senders(config, matrix, originator, *seq).contains(&state.me) {
                continue;
            }
            let identifier = (originator, *seq);
            let before = state.sent.get(&identifier);
            let mut receivers: Vec<ReplicaId> = Vec::new();
            for receiver in config.replicas() {
                if let Some(before) = before
                    && before.contains(&receiver)
                {
                    continue;
                }
                if prime::recon::needs(pre_order, receiver, originator, *seq) {
                    receivers.push(receiver);
                }
            }
            if receivers.is_empty() {
                continue;
            }
            let Some(content) = prime::pre_order::content(slot) else {
                continue;
            };

            let parts = prime::recon::encode(config, &content);
            let message = parts.message(state.me, originator, &content);
            let sent = state.sent.entry(identifier).or_default();
            for receiver in receivers {
                effects.send(To::One(receiver), message.clone());
                sent.insert(receiver);
            }
        }
    }
}
