//! What `pre_order.on_po_acks` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::{PoAck, PoAcks, Prime};
use wire::{Config, Effect, Reject, ReplicaId, Verified};

/// PO-Acks are counted one by one (4.1, "Preordering Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<PoAcks>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("on_po_acks", config, before);

    expected.since("each acknowledgement enters its slot or is rejected, in the order given");
    let signer = message.signer();
    for ack in message.body().acks.iter() {
        if let Some(reason) = refused(&expected, signer, ack) {
            expected.reject(Some(signer), reason);
        } else {
            expected.slot_mut(ack.originator, ack.seq).acks.insert(signer, ack.digest);
            expected.advance(ack.originator);
        }
    }
    expected.judge(after, Order::Fixed, effects)
}

/// Why this acknowledgement changes nothing: the first reason in the contract's precedence.
fn refused(expected: &Expected<'_>, signer: ReplicaId, ack: &PoAck) -> Option<Reject> {
    let &PoAck { originator, seq, digest } = ack;
    if !expected.config.is_replica(originator) {
        return Some(Reject::Invalid);
    }
    if signer == originator {
        return Some(Reject::NotEntitled);
    }
    let held = expected.slot(originator, seq).and_then(|slot| slot.acks.get(&signer));
    expected.outside_window(originator, seq).or_else(|| match held {
        None => None,
        Some(&first) if first == digest => Some(Reject::Duplicate),
        Some(_) => Some(Reject::Equivocation),
    })
}
