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
