//! Acknowledgements are counted.

use prime::pre_order::{Effects, State, advance_aru};
use wire::prime::{PoAck, PoAcks};
use wire::{Config, Reject, ReplicaId, Verified};

/// What is to become of one acknowledgement.
enum Fate {
    /// Dropped, and why.
    Drop(Reject),
    /// Entered under its sender.
    Count,
}

/// Enters each acknowledgement of the message that is its signer's first for its identifier and
/// within the window; whatever else stands in the message is dropped one by one.
pub fn on_po_acks(
    state: &mut State,
    config: &Config,
    message: &Verified<PoAcks>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    for ack in message.body().acks.iter() {
        match decide(state, config, sender, ack) {
            Fate::Drop(reason) => effects.reject(sender, reason),
            Fate::Count => {
                let column = &mut state.columns[ack.originator.index()];
                column.slots.entry(ack.seq).or_default().acks.insert(sender, ack.digest);
                advance_aru(state, config, ack.originator);
            }
        }
    }
}

fn decide(state: &State, config: &Config, sender: ReplicaId, ack: &PoAck) -> Fate {
    if !config.is_replica(ack.originator) {
        return Fate::Drop(Reject::Invalid);
    }
    if sender == ack.originator || !config.is_replica(sender) {
        return Fate::Drop(Reject::NotEntitled);
    }
    let column = &state.columns[ack.originator.index()];
    if ack.seq <= column.retired {
        return Fate::Drop(Reject::Stale);
    }
    if ack.seq.0 > column.retired.0.saturating_add(config.windows.preorder) {
        return Fate::Drop(Reject::BeyondWindow);
    }
    let slot = match column.slots.get(&ack.seq) {
        None => return Fate::Count,
        Some(slot) => slot,
    };
    match slot.acks.get(&sender) {
        None => Fate::Count,
        Some(digest) if *digest == ack.digest => Fate::Drop(Reject::Duplicate),
        Some(_) => Fate::Drop(Reject::Equivocation),
    }
}
