//! What the tests of pre-ordering's oracles are made of, beside what all are.

pub(crate) use crate::kit::{ME, config, reject, sign, trips};

use crate::kit::{held as held_message, signer};
use prime::pre_order::{Content, PoSlot, RequestBody, State};
use std::sync::Arc;
use wire::prime::{Matrix, PoAck, PoAru, PoRequest, Prime};
use wire::{Blob, ClientId, ClientSeq, Effect, List, PoSeq, ReplicaId, Update, Verified};

/// Server 1, knowing nothing.
pub(crate) fn state() -> State {
    State::new(&config(), ME)
}

/// Update `number` of `client`.
pub(crate) fn update(client: u32, number: u64, payload: &[u8]) -> Verified<Update> {
    let client = ClientId(client);
    let payload = Blob::new(payload.to_vec()).unwrap();
    let update = Update { seq: ClientSeq(number), payload };
    signer(client.into()).sign_all(client, vec![update]).remove(0)
}

/// An update's number.
pub(crate) fn number(client: u32, number: u64) -> (ClientId, ClientSeq) {
    (ClientId(client), ClientSeq(number))
}

/// A PO-Request's body.
pub(crate) fn request_body(s: u64, updates: &[&Verified<Update>]) -> PoRequest {
    let updates = updates.iter().map(|update| update.signed().clone()).collect();
    PoRequest { seq: PoSeq(s), updates: List::new(updates).unwrap() }
}

/// (o, s) with update `number` of client 1.
pub(crate) fn request(o: u16, s: u64, number: u64) -> Verified<PoRequest> {
    sign(o, request_body(s, &[&update(1, number, b"x")]))
}

/// A request as content, without its signature.
pub(crate) fn content(request: &Verified<PoRequest>) -> Content {
    let body = RequestBody::Vouched(Arc::new(request.body().clone()));
    Content { digest: request.digest(), body }
}

/// A vector.
pub(crate) fn vector(entries: &[u64]) -> Vec<PoSeq> {
    entries.iter().copied().map(PoSeq).collect()
}

/// A PO-ARU's body.
pub(crate) fn aru_body(entries: &[u64]) -> PoAru {
    PoAru { vec: List::new(vector(entries)).unwrap() }
}

/// A PO-ARU by server `i`.
pub(crate) fn aru(i: u16, entries: &[u64]) -> Verified<PoAru> {
    sign(i, aru_body(entries))
}

/// A matrix, row i by server i; an empty row is null.
pub(crate) fn matrix(rows: &[&[u64]]) -> Matrix {
    let signed = (1..)
        .zip(rows)
        .map(|(i, entries)| Some(aru(i, entries).signed().clone()).filter(|_| !entries.is_empty()));
    Matrix { rows: List::new(signed.collect()).unwrap() }
}

/// The slot of (o, s), made if need be.
pub(crate) fn slot_mut(state: &mut State, o: u16, s: u64) -> &mut PoSlot {
    state.columns[ReplicaId(o).index()].slots.entry(PoSeq(s)).or_default()
}

/// An acknowledgement of `request`.
pub(crate) fn ack(request: &Verified<PoRequest>) -> PoAck {
    PoAck { originator: request.signer(), seq: request.body().seq, digest: request.digest() }
}

/// A slot that holds a request and acks of it.
pub(crate) fn slot(request: &Verified<PoRequest>, ackers: &[u16]) -> PoSlot {
    let acks = ackers.iter().map(|&i| (ReplicaId(i), request.digest())).collect();
    PoSlot { request: Some(request.clone()), acks, ..PoSlot::default() }
}

/// Logged as held.
pub(crate) fn held(request: &Verified<PoRequest>) -> Effect<Prime> {
    held_message(request.clone())
}
