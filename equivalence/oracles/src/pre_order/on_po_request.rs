//! What `pre_order.on_po_request` must do.

use super::definitions::{held, votes};
use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::{Content, PoSlot, RequestBody, State};
use wire::prime::{Incoming, MAX_BATCH_BYTES, PoAck, PoRequest, PoRequestConflict, Prime};
use wire::{Config, Effect, Record, Reject, To, Verified};

/// The PO-Request seen first is held and acknowledged, once (4.1, "Preordering Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<PoRequest>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("on_po_request", config, before);

    let (o, s) = (message.signer(), message.body().seq);
    let slot = expected.slot(o, s).cloned().unwrap_or_default();
    let known = slot.request.is_some() && held(&slot).any(|(d, _)| d == message.digest());
    let invalid = unfit(message.body()).then_some(Reject::Invalid);
    let duplicate = known.then_some(Reject::Duplicate);
    let refused = invalid.or_else(|| expected.outside_window(o, s)).or(duplicate);
    if let Some(reason) = refused {
        expected.since("rejects Invalid, Stale, BeyondWindow, Duplicate, in this precedence");
        expected.reject(Some(o), reason);
    } else if let Some(first) = &slot.request {
        second_seen(&mut expected, &slot, first, message);
    } else {
        first_seen(&mut expected, message);
    }
    expected.judge(after, Order::Free, effects)
}

/// A request without updates, or with more payload than could be reconciled.
fn unfit(request: &PoRequest) -> bool {
    let bytes: usize = request.updates.iter().map(|update| update.body.payload.len()).sum();
    request.updates.is_empty() || bytes > MAX_BATCH_BYTES
}

/// No request was seen under this identifier before.
fn first_seen(expected: &mut Expected<'_>, message: &Verified<PoRequest>) {
    let (o, s) = (message.signer(), message.body().seq);
    expected.since("the first seen becomes request, is held and acknowledged; advance_aru");
    expected.slot_mut(o, s).request = Some(message.clone());
    if o != expected.before.me {
        expected.persist(Record::Held(Incoming::PoRequest(message.clone())));
        expected.acks_made.push(PoAck { originator: o, seq: s, digest: message.digest() });
    }
    expected.advance(o);
}

/// Another request was seen under this identifier before: the originator has equivocated.
fn second_seen(
    expected: &mut Expected<'_>,
    slot: &PoSlot,
    first: &Verified<PoRequest>,
    message: &Verified<PoRequest>,
) {
    let (o, s) = (message.signer(), message.body().seq);
    if !expected.before.equivocators.contains(&o) {
        expected.equivocated = Some(o);
        let (first, second) = (first.signed().clone(), message.signed().clone());
        expected.send(To::All, PoRequestConflict { first, second });
    }
    let enough = votes(o, slot, message.digest()) >= expected.config.votes_beside_proposer();
    if slot.certified.is_none() && slot.adopted.is_none() && enough {
        expected.since("a second request is adopted, unacknowledged, if enough acks name it");
        expected.persist(Record::Held(Incoming::PoRequest(message.clone())));
        let body = RequestBody::Signed(message.clone());
        let content = Content { digest: message.digest(), body };
        expected.slot_mut(o, s).adopted = Some(content);
        expected.advance(o);
    } else {
        expected.since("another second request is rejected: Equivocation");
        expected.reject(Some(o), Reject::Equivocation);
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{
        ack, config, content, held, reject, request, request_body, sign, slot, slot_mut, state,
        trips, update,
    };
    use prime::pre_order::State;
    use wire::client::MAX_PAYLOAD;
    use wire::prime::{PoRequest, PoRequestConflict, Prime};
    use wire::{Effect, PoSeq, Reject, ReplicaId, To, Verified};

    fn proof(first: &Verified<PoRequest>, second: &Verified<PoRequest>) -> Effect<Prime> {
        let (first, second) = (first.signed().clone(), second.signed().clone());
        Effect::Send { to: To::All, body: PoRequestConflict { first, second }.into() }
    }

    #[test]
    fn the_first_seen_is_held_acknowledged_and_certified_if_acks_are_there() {
        let (config, mut before) = (config(), state());
        let a = request(2, 1, 1);
        slot_mut(&mut before, 2, 1).acks = slot(&a, &[3, 4]).acks;
        let mut after = before.clone();
        *slot_mut(&mut after, 2, 1) = slot(&a, &[3, 4]);
        slot_mut(&mut after, 2, 1).certified = Some(a.digest());
        after.columns[1].aru = PoSeq(1);
        after.unsent_acks.push(ack(&a));
        assert_eq!(check(&config, &before, &a, &after, &[held(&a)]), Ok(()));
        trips(check(&config, &before, &a, &after, &[]), "effects");
        let mut silent = after.clone();
        silent.unsent_acks.clear();
        trips(check(&config, &before, &a, &silent, &[held(&a)]), "unsent_acks");
        let mut twice = after.clone();
        twice.unsent_acks.push(ack(&a));
        trips(check(&config, &before, &a, &twice, &[held(&a)]), "unsent_acks");
        let mut foreign = after;
        foreign.columns[2].aru = PoSeq(1);
        trips(check(&config, &before, &a, &foreign, &[held(&a)]), "columns[r3]");
    }

    #[test]
    fn ones_own_request_is_neither_logged_nor_acknowledged() {
        let (config, before) = (config(), state());
        let own = request(1, 1, 1);
        let mut after = before.clone();
        *slot_mut(&mut after, 1, 1) = slot(&own, &[]);
        assert_eq!(check(&config, &before, &own, &after, &[]), Ok(()));
        trips(check(&config, &before, &own, &after, &[held(&own)]), "effect 0");
        after.unsent_acks.push(ack(&own));
        trips(check(&config, &before, &own, &after, &[]), "unsent_acks");
    }

    #[test]
    fn the_first_seen_is_acknowledged_even_under_another_certified_digest() {
        let (config, mut before) = (config(), state());
        let (a, b) = (request(2, 1, 1), request(2, 1, 2));
        before.columns[1].aru = PoSeq(1);
        slot_mut(&mut before, 2, 1).adopted = Some(content(&b));
        slot_mut(&mut before, 2, 1).certified = Some(b.digest());
        let mut after = before.clone();
        slot_mut(&mut after, 2, 1).request = Some(a.clone());
        after.unsent_acks.push(ack(&a));
        assert_eq!(check(&config, &before, &a, &after, &[held(&a)]), Ok(()));
        let rejected = [reject(2, Reject::Equivocation)];
        trips(check(&config, &before, &a, &before, &rejected), "effect 0");
    }

    fn equivocated(acks_of_second: &[u16]) -> (State, [Verified<PoRequest>; 2]) {
        let mut before = state();
        let (a, b) = (request(2, 1, 1), request(2, 1, 2));
        *slot_mut(&mut before, 2, 1) = slot(&a, &[]);
        slot_mut(&mut before, 2, 1).acks = slot(&b, acks_of_second).acks;
        (before, [a, b])
    }

    #[test]
    fn a_second_request_is_adopted_when_enough_acks_name_it() {
        let (config, (before, [a, b])) = (config(), equivocated(&[3, 4]));
        let mut after = before.clone();
        after.equivocators.insert(ReplicaId(2));
        slot_mut(&mut after, 2, 1).adopted = Some(content(&b));
        slot_mut(&mut after, 2, 1).certified = Some(b.digest());
        after.columns[1].aru = PoSeq(1);
        let effects = [proof(&a, &b), held(&b)];
        assert_eq!(check(&config, &before, &b, &after, &effects), Ok(()));
        trips(check(&config, &before, &b, &after, &effects[..1]), "effects");
        trips(check(&config, &before, &b, &after, &effects[1..]), "effects");
        let mut acked = after.clone();
        acked.unsent_acks.push(ack(&b));
        trips(check(&config, &before, &b, &acked, &effects), "unsent_acks");
        let mut replaced = after;
        slot_mut(&mut replaced, 2, 1).request = Some(b.clone());
        trips(check(&config, &before, &b, &replaced, &effects), "request");
    }

    #[test]
    fn a_second_request_with_one_ack_too_few_is_rejected() {
        let (config, (before, [a, b])) = (config(), equivocated(&[2, 4]));
        let mut after = before.clone();
        after.equivocators.insert(ReplicaId(2));
        let effects = [proof(&a, &b), reject(2, Reject::Equivocation)];
        assert_eq!(check(&config, &before, &b, &after, &effects), Ok(()));
        trips(check(&config, &before, &b, &before, &effects), "equivocators");
        let mut adopted = after.clone();
        slot_mut(&mut adopted, 2, 1).adopted = Some(content(&b));
        trips(check(&config, &before, &b, &adopted, &effects), "adopted");
        let known = [reject(2, Reject::Equivocation)];
        assert_eq!(check(&config, &after, &b, &after, &known), Ok(()));
    }

    #[test]
    fn missed_precedence_is_found() {
        let (config, mut before) = (config(), state());
        before.columns[1].aru = PoSeq(1);
        before.columns[1].retired = PoSeq(1);
        let known = request(2, 2, 1);
        *slot_mut(&mut before, 2, 2) = slot(&known, &[]);
        let large = vec![0; MAX_PAYLOAD];
        let updates: Vec<_> = (1..=9).map(|i| update(1, i, &large)).collect();
        let huge = sign(2, request_body(1, &updates.iter().collect::<Vec<_>>()));
        let cases = [
            (sign(2, request_body(1, &[])), Reject::Invalid, Reject::Stale),
            (huge, Reject::Invalid, Reject::Stale),
            (request(2, 1, 1), Reject::Stale, Reject::Invalid),
            (request(2, 258, 1), Reject::BeyondWindow, Reject::Stale),
            (known, Reject::Duplicate, Reject::Equivocation),
        ];
        for (message, right, wrong) in cases {
            let (right, wrong) = ([reject(2, right)], [reject(2, wrong)]);
            assert_eq!(check(&config, &before, &message, &before, &right), Ok(()));
            trips(check(&config, &before, &message, &before, &wrong), "effect 0");
        }
    }
}
