//! The log, record by record.

use prime::pre_order::{Content, State};
use wire::prime::{Body, Incoming, PoRequest, Prime};
use wire::{Config, Record, Verified, auth::Context};

/// Sorts a record by what it says and hands it to whoever restores that.
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(Body::PoRequest(request)) => promised(state, config, request),
        Record::Promise(Body::PoAru(aru)) => {
            for (index, entry) in aru.vec.iter().enumerate() {
                if let Some(sent) = state.sent_aru.get_mut(index)
                    && *sent < *entry
                {
                    *sent = *entry;
                }
            }
        }
        Record::Held(Incoming::PoRequest(request)) => held(state, request),
        Record::Promise(_) | Record::Held(_) => {}
    }
}

fn promised(state: &mut State, config: &Config, request: &PoRequest) {
    if request.seq > state.last_own {
        state.last_own = request.seq;
    }
    let column = &mut state.columns[state.me.index()];
    if request.seq <= column.retired {
        return;
    }
    let digest = Context::from(config).leaf(state.me, request);
    let content = Content { digest, body: request.clone().into() };
    column.slots.entry(request.seq).or_default().adopted = Some(content);
    for update in request.updates.iter() {
        state.preordered.insert((update.signer, update.body.seq));
    }
}

fn held(state: &mut State, request: &Verified<PoRequest>) {
    let column = &mut state.columns[request.signer().index()];
    if column.retired >= request.body().seq {
        return;
    }
    let slot = column.slots.entry(request.body().seq).or_default();
    let first = slot.request.get_or_insert_with(|| request.clone());
    if first.digest() != request.digest() {
        slot.adopted = Some(Content::of(request));
    }
}
