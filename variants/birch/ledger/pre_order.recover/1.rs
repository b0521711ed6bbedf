//! The log's records about pre-ordering.

use prime::pre_order::{Content, PoSlot, RequestBody, State};
use std::iter::repeat;
use wire::auth::Context;
use wire::prime::{Body, Incoming, PoAru, PoRequest, Prime};
use wire::{Config, PoSeq, Record, Verified};

/// Puts back what one log record says of promises made and requests acknowledged; records of
/// other components pass by.
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(Body::PoRequest(request)) => promised_request(state, config, request),
        Record::Promise(Body::PoAru(aru)) => state.sent_aru = joined(&state.sent_aru, aru),
        Record::Held(Incoming::PoRequest(request)) => held_request(state, request),
        _ => (),
    }
}

/// An own request that may have gone out.
fn promised_request(state: &mut State, config: &Config, request: &PoRequest) {
    state.last_own = state.last_own.max(request.seq);
    let column = &mut state.columns[state.me.index()];
    if request.seq > column.retired {
        let digest = Context::from(config).leaf(state.me, request);
        let adopted = Content { digest, body: RequestBody::from(request.clone()) };
        column.slots.entry(request.seq).or_default().adopted = Some(adopted);
        let keys = request.updates.iter().map(|update| (update.signer, update.body.seq));
        state.preordered.extend(keys);
    }
}

/// Entry by entry the larger, in the shape of `sent`.
fn joined(sent: &[PoSeq], aru: &PoAru) -> Vec<PoSeq> {
    let logged = aru.vec.iter().copied().chain(repeat(PoSeq(0)));
    sent.iter().zip(logged).map(|(sent, logged)| logged.max(*sent)).collect()
}

/// A request that was logged when it was first seen, or adopted beside the first.
fn held_request(state: &mut State, request: &Verified<PoRequest>) {
    let column = &mut state.columns[request.signer().index()];
    if request.body().seq > column.retired {
        let old = column.slots.remove(&request.body().seq).unwrap_or_default();
        column.slots.insert(request.body().seq, with_held(old, request));
    }
}

/// The slot once the request is in it, first or second.
fn with_held(old: PoSlot, request: &Verified<PoRequest>) -> PoSlot {
    match &old.request {
        None => PoSlot { request: Some(request.clone()), ..old },
        Some(first) if first.digest() == request.digest() => old,
        Some(_) => PoSlot { adopted: Some(Content::of(request)), ..old },
    }
}
