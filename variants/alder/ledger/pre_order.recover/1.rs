//! One record of the log, before the start.

use prime::pre_order::{Content, RequestBody, State};
use wire::auth::Context;
use wire::prime::{Body, Incoming, PoAru, PoRequest, Prime};
use wire::{Config, Record, Verified};

/// What a held request is to a slot.
enum Place {
    /// Nowhere: it is known, or over.
    Nowhere,
    /// The first seen.
    First,
    /// The second, which was certified.
    Beside,
}

/// Takes back what this server promised, and the requests that it acknowledged or adopted.
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(Body::PoRequest(request)) => own_request(state, config, request),
        Record::Promise(Body::PoAru(aru)) => own_aru(state, aru),
        Record::Held(Incoming::PoRequest(request)) => held_request(state, config, request),
        _ => {}
    }
}

fn own_request(state: &mut State, config: &Config, request: &PoRequest) {
    if request.seq > state.last_own {
        state.last_own = request.seq;
    }
    let column = &mut state.columns[state.me.index()];
    if request.seq <= column.retired {
        return;
    }
    let digest = Context::from(config).leaf(state.me, request);
    let body = RequestBody::from(request.clone());
    column.slots.entry(request.seq).or_default().adopted = Some(Content { digest, body });
    for update in request.updates.iter() {
        state.preordered.insert((update.signer, update.body.seq));
    }
}

fn own_aru(state: &mut State, aru: &PoAru) {
    let mut o = 0;
    while o < state.sent_aru.len() && o < aru.vec.len() {
        if aru.vec[o] > state.sent_aru[o] {
            state.sent_aru[o] = aru.vec[o];
        }
        o += 1;
    }
}

fn held_request(state: &mut State, config: &Config, request: &Verified<PoRequest>) {
    let seq = request.body().seq;
    let place = place(state, config, request);
    if matches!(place, Place::Nowhere) {
        return;
    }
    let slot = state.columns[request.signer().index()].slots.entry(seq).or_default();
    match place {
        Place::Nowhere => {}
        Place::First => slot.request = Some(request.clone()),
        Place::Beside => slot.adopted = Some(Content::of(request)),
    }
}

fn place(state: &State, config: &Config, request: &Verified<PoRequest>) -> Place {
    if !config.is_replica(request.signer()) {
        return Place::Nowhere;
    }
    let column = &state.columns[request.signer().index()];
    let seq = request.body().seq;
    if seq <= column.retired {
        return Place::Nowhere;
    }
    let slot = match column.slots.get(&seq) {
        None => return Place::First,
        Some(slot) => slot,
    };
    match &slot.request {
        None => Place::First,
        Some(first) if first.digest() == request.digest() => Place::Nowhere,
        Some(_) => Place::Beside,
    }
}
