//! A record is read as an entry of a table: which view it shows, and what it leaves behind.

use prime::broadcast::{State, Tag};
use wire::prime::{Body, Incoming, Prime, RbInit};
use wire::{Config, Digest, Record, ReplicaId, Verified};

/// What a record leaves behind.
enum Trace<'a> {
    /// An own Init.
    Promised(&'a RbInit),
    /// An Init that was echoed.
    Held(&'a Verified<RbInit>),
    /// An own Echo.
    Echoed(Digest),
    /// An own Ready.
    Readied(Digest),
}

/// The broadcast that the record is about, and the trace; none for what concerns others.
fn read(me: ReplicaId, record: &Record<Prime>) -> Option<(Tag, Trace<'_>)> {
    match record {
        Record::Promise(Body::RbInit(body)) => Some((
            Tag { view: body.view, originator: me, seq: body.seq },
            Trace::Promised(body),
        )),
        Record::Promise(Body::RbEcho(body)) => Some((
            Tag { view: body.view, originator: body.originator, seq: body.seq },
            Trace::Echoed(body.digest),
        )),
        Record::Promise(Body::RbReady(body)) => Some((
            Tag { view: body.view, originator: body.originator, seq: body.seq },
            Trace::Readied(body.digest),
        )),
        Record::Held(Incoming::RbInit(init)) => Some((
            Tag { view: init.body().view, originator: init.signer(), seq: init.body().seq },
            Trace::Held(init),
        )),
        _ => None,
    }
}

/// Leaves `trace` in the state. What is there already stays.
fn leave(state: &mut State, tag: Tag, trace: Trace<'_>) {
    match trace {
        Trace::Promised(body) => {
            state.promised.entry(tag.seq).or_insert_with(|| body.clone());
        }
        Trace::Held(init) => {
            state.instances.entry(tag).or_default().init.get_or_insert_with(|| init.clone());
        }
        Trace::Echoed(digest) => {
            state.instances.entry(tag).or_default().echoed.get_or_insert(digest);
        }
        Trace::Readied(digest) => {
            state.instances.entry(tag).or_default().readied.get_or_insert(digest);
        }
    }
}

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(state: &mut State, _config: &Config, record: &Record<Prime>) {
    if let Some((tag, trace)) = read(state.me, record) {
        state.enter(tag.view);
        if tag.view == state.view {
            leave(state, tag, trace);
        }
    }
}
