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

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{ack, config, reject, request, sign, slot, slot_mut, state, trips};
    use wire::prime::{PoAck, PoAcks};
    use wire::{List, PoSeq, Reject, ReplicaId, Verified};

    fn message(i: u16, acks: &[PoAck]) -> Verified<PoAcks> {
        sign(i, PoAcks { acks: List::new(acks.to_vec()).unwrap() })
    }

    #[test]
    fn the_ack_that_completes_a_certificate_extends_the_prefix() {
        let (config, mut before) = (config(), state());
        let a = request(2, 1, 1);
        *slot_mut(&mut before, 2, 1) = slot(&a, &[1]);
        let mut after = before.clone();
        *slot_mut(&mut after, 2, 1) = slot(&a, &[1, 3]);
        slot_mut(&mut after, 2, 1).certified = Some(a.digest());
        after.columns[1].aru = PoSeq(1);
        let third = message(3, &[ack(&a)]);
        assert_eq!(check(&config, &before, &third, &after, &[]), Ok(()));

        let mut lost = after.clone();
        slot_mut(&mut lost, 2, 1).acks.remove(&ReplicaId(3));
        trips(check(&config, &before, &third, &lost, &[]), "acks");
        let mut early = before.clone();
        *slot_mut(&mut early, 2, 1) = slot(&a, &[1, 3]);
        trips(check(&config, &before, &third, &early, &[]), "aru");
    }

    #[test]
    fn an_ack_counted_from_the_originator_is_found() {
        let (config, mut before) = (config(), state());
        let a = request(2, 1, 1);
        *slot_mut(&mut before, 2, 1) = slot(&a, &[1]);
        let own = message(2, &[ack(&a)]);
        let effects = [reject(2, Reject::NotEntitled)];
        assert_eq!(check(&config, &before, &own, &before, &effects), Ok(()));
        let mut after = before.clone();
        *slot_mut(&mut after, 2, 1) = slot(&a, &[1, 2]);
        trips(check(&config, &before, &own, &after, &[]), "effects");
        trips(check(&config, &before, &own, &after, &effects), "acks");
    }

    #[test]
    fn each_ack_is_rejected_for_the_first_reason_and_the_next_is_looked_at() {
        let (config, mut before) = (config(), state());
        before.columns[1].aru = PoSeq(1);
        before.columns[1].retired = PoSeq(1);
        let (a, b, next) = (request(2, 2, 1), request(2, 2, 2), request(2, 3, 3));
        *slot_mut(&mut before, 2, 2) = slot(&a, &[3]);
        let stranger = PoAck { originator: ReplicaId(5), ..ack(&a) };
        let own = PoAck { originator: ReplicaId(3), seq: PoSeq(0), ..ack(&a) };
        let stale = PoAck { seq: PoSeq(1), ..ack(&a) };
        let far = PoAck { seq: PoSeq(258), ..ack(&a) };
        let acks = [stranger, own, stale, far, ack(&a), ack(&b), ack(&next)];
        let reasons = [
            Reject::Invalid,
            Reject::NotEntitled,
            Reject::Stale,
            Reject::BeyondWindow,
            Reject::Duplicate,
            Reject::Equivocation,
        ];
        let effects = reasons.map(|reason| reject(3, reason));
        let mut after = before.clone();
        slot_mut(&mut after, 2, 3).acks.insert(ReplicaId(3), next.digest());
        let message = message(3, &acks);
        assert_eq!(check(&config, &before, &message, &after, &effects), Ok(()));
        trips(check(&config, &before, &message, &before, &effects), "slots[s3]");
        trips(check(&config, &before, &message, &after, &effects[..5]), "effects");
        let mut swapped = effects.clone();
        swapped[1] = reject(3, Reject::Stale);
        trips(check(&config, &before, &message, &after, &swapped), "effect 1");
        slot_mut(&mut after, 2, 2).acks.insert(ReplicaId(3), b.digest());
        trips(check(&config, &before, &message, &after, &effects), "acks");
    }
}
