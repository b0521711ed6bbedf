//! A PO-Request arrives.

use crate::pre_order::{Content, Effects, PoSlot, State, advance_aru};
use slots::slot;
use wire::prime::{MAX_BATCH_BYTES, PoAck, PoRequest, PoRequestConflict};
use wire::{Config, Record, Reject, To, Verified};

/// Takes a PO-Request of its signer, the originator o, with number s.
///
/// Rejects (naming the originator, nothing else changed), in this precedence:
/// Rejects: `Invalid` if it has no update, or if the payloads of its updates together exceed
/// `MAX_BATCH_BYTES` bytes (nobody could reconcile it);
/// Rejects: `Stale` if s is at or below the column's `retired`;
/// Rejects: `BeyondWindow` if s exceeds the column's `retired + windows.preorder`;
/// Rejects: `Duplicate` if the slot has a `request` and that, or the slot's `adopted` content, has
/// the same digest.
///
/// If the slot has no `request` yet, this is the first seen, also if the slot is certified with
/// another digest, or has `adopted` content with the same one:
/// 1. it becomes `request`;
/// 2. unless o is this server, `Persist` of the request as `Held` is emitted and a [`PoAck`] with
///    o, s and its digest is appended to `state.unsent_acks` (sent by `make_po_acks`). For o = this
///    server neither happens: the request was promised before it was sent, and the originator's
///    acknowledgement counts nowhere;
/// 3. [`advance_aru`] of o.
///
/// If the slot has another `request`, the originator has equivocated:
/// 1. if o is not in `state.equivocators`, it is added and a `PoRequestConflict` (first: the slot's
///    request, second: this one) is emitted as `Send` to `To::All`;
/// 2. if the slot is not certified, has no `adopted` content, and at least
///    `config.votes_beside_proposer()` acks in it name this request's digest (an ack of o never
///    counts), the request is adopted without being acknowledged: `Persist` as `Held`, `adopted`
///    set to its content, then [`advance_aru`] of o;
/// 3. otherwise: Rejects: `Equivocation`, naming the originator.
///
/// Invariant: at most one digest per (o, s) is ever acknowledged, the first seen, once.
/// Invariant: at most two contents per slot are held.
/// Paper: 4.1, "Preordering Phase". Deviation: the second content, see the component's head.
#[slot(pre_order.on_po_request)]
pub fn on_po_request(
    state: &mut State,
    config: &Config,
    message: &Verified<PoRequest>,
    effects: &mut Effects,
) {
    let originator = message.signer();
    let (seq, digest) = (message.body().seq, message.digest());
    let me = state.me;
    let bytes: usize = message.body().updates.iter().map(|held| held.body.payload.len()).sum();
    if message.body().updates.is_empty() || bytes > MAX_BATCH_BYTES {
        return effects.reject(originator, Reject::Invalid);
    }
    let column = &mut state.columns[originator.index()];
    if seq <= column.retired {
        return effects.reject(originator, Reject::Stale);
    }
    if seq.0 > column.retired.0.saturating_add(config.windows.preorder) {
        return effects.reject(originator, Reject::BeyondWindow);
    }
    let slot = column.slots.entry(seq).or_default();
    let adopted = slot.adopted.as_ref().is_some_and(|content| content.digest == digest);
    match &slot.request {
        Some(request) if adopted || request.digest() == digest => {
            return effects.reject(originator, Reject::Duplicate);
        }
        Some(request) => {
            if state.equivocators.insert(originator) {
                let (first, second) = (request.signed().clone(), message.signed().clone());
                effects.send(To::All, PoRequestConflict { first, second });
            }
            if !would_certify(config, slot, message) {
                return effects.reject(originator, Reject::Equivocation);
            }
            effects.persist(Record::Held(message.clone().into()));
            slot.adopted = Some(Content::of(message));
        }
        None => {
            slot.request = Some(message.clone());
            if originator != me {
                effects.persist(Record::Held(message.clone().into()));
                state.unsent_acks.push(PoAck { originator, seq, digest });
            }
        }
    }
    advance_aru(state, config, originator);
}

/// Whether a second content may take the place beside the first.
fn would_certify(config: &Config, slot: &PoSlot, message: &Verified<PoRequest>) -> bool {
    let names_it = |(sender, digest): &(&wire::ReplicaId, &wire::Digest)| {
        **sender != message.signer() && **digest == message.digest()
    };
    slot.certified.is_none()
        && slot.adopted.is_none()
        && slot.acks.iter().filter(names_it).count() >= config.votes_beside_proposer()
}
