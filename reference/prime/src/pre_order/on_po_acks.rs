//! PO-Acks arrive.

use crate::pre_order::{Effects, State, advance_aru};
use slots::slot;
use wire::prime::{PoAck, PoAcks};
use wire::{Config, Reject, ReplicaId, Verified};

/// Counts every acknowledgement in a PO-Ack message, in the order in which they stand there.
///
/// For each acknowledgement (o, s, digest) of the message's signer, rejects (naming the signer;
/// this acknowledgement changes nothing, the next ones are looked at all the same), in this
/// precedence:
/// Rejects: `Invalid` if o is not a replica of this cluster;
/// Rejects: `NotEntitled` if the signer is o: an originator does not acknowledge its own;
/// Rejects: `Stale` if s is at or below the column's `retired`;
/// Rejects: `BeyondWindow` if s exceeds the column's `retired + windows.preorder`;
/// Rejects: `Duplicate` if the slot holds an ack of this signer for the same digest;
/// Rejects: `Equivocation` if it holds one for another digest (the first stays).
///
/// Otherwise the ack enters the slot (made if need be) under the signer, and [`advance_aru`] of o
/// follows at once. Acks for slots that are certified already are kept as well: they tell which
/// servers need no reconciliation. No other effects are emitted.
///
/// Invariant: one ack per (o, s, signer), the first.
/// Paper: 4.1, "Preordering Phase". Deviation: many acknowledgements in one message.
#[slot(pre_order.on_po_acks)]
pub fn on_po_acks(
    state: &mut State,
    config: &Config,
    message: &Verified<PoAcks>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    for ack in message.body().acks.iter() {
        match count(state, config, sender, ack) {
            Ok(()) => advance_aru(state, config, ack.originator),
            Err(reason) => effects.reject(sender, reason),
        }
    }
}

fn count(state: &mut State, config: &Config, sender: ReplicaId, ack: &PoAck) -> Result<(), Reject> {
    if !config.is_replica(ack.originator) {
        return Err(Reject::Invalid);
    }
    if ack.originator == sender {
        return Err(Reject::NotEntitled);
    }
    let column = &mut state.columns[ack.originator.index()];
    if ack.seq <= column.retired {
        return Err(Reject::Stale);
    }
    if ack.seq.0 > column.retired.0.saturating_add(config.windows.preorder) {
        return Err(Reject::BeyondWindow);
    }
    let held = column.slots.get(&ack.seq).and_then(|slot| slot.acks.get(&sender));
    match held {
        Some(digest) if *digest == ack.digest => Err(Reject::Duplicate),
        Some(_) => Err(Reject::Equivocation),
        None => {
            column.slots.entry(ack.seq).or_default().acks.insert(sender, ack.digest);
            Ok(())
        }
    }
}
