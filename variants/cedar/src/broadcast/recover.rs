//! A record is read as what it says of a view and what it leaves behind; a separate function begins the
//! view, where one begins, and leaves the trace.

use prime::broadcast::{Instance, State, Tag};
use wire::prime::{Body, Incoming, Prime, RbInit};
use wire::{Config, Digest, Record, ReplicaId, Verified, View};

/// What a record leaves behind.
enum Trace<'a> {
    /// Nothing but its view.
    View,
    /// An own Init.
    Promised(&'a RbInit),
    /// An Init that is held.
    Held(ReplicaId, &'a Verified<RbInit>),
    /// An own Echo.
    Echoed(ReplicaId, u32, Digest),
    /// An own Ready.
    Readied(ReplicaId, u32, Digest),
}

/// What a record says.
struct Reading<'a> {
    /// Whether its view begins with it, if that is a higher one.
    begins: bool,
    /// Its view.
    view: View,
    /// What it leaves in that view.
    trace: Trace<'a>,
}

/// What the record says; none for what concerns others.
fn read(record: &Record<Prime>) -> Option<Reading<'_>> {
    let (begins, view, trace) = match record {
        Record::Promise(Body::RbInit(body)) => (true, body.view, Trace::Promised(body)),
        Record::Promise(Body::InstallCertificate(body)) => {
            (true, body.replay.body.constraint.view, Trace::View)
        }
        Record::Promise(Body::RbEcho(body)) => {
            (false, body.view, Trace::Echoed(body.originator, body.seq, body.digest))
        }
        Record::Promise(Body::RbReady(body)) => {
            (false, body.view, Trace::Readied(body.originator, body.seq, body.digest))
        }
        Record::Held(Incoming::RbInit(init)) => {
            (false, init.body().view, Trace::Held(init.signer(), init))
        }
        _ => return None,
    };
    Some(Reading { begins, view, trace })
}

/// The entry of `originator`'s broadcast `seq` in `view`, made if need be.
fn entry(state: &mut State, view: View, originator: ReplicaId, seq: u32) -> &mut Instance {
    state.instances.entry(Tag { view, originator, seq }).or_default()
}

/// Leaves `trace` in the state, in place of one left before.
fn leave(state: &mut State, view: View, trace: Trace<'_>) {
    match trace {
        Trace::View => {}
        Trace::Promised(body) => {
            state.promised.insert(body.seq, body.clone());
        }
        Trace::Held(originator, init) => {
            entry(state, view, originator, init.body().seq).init = Some(init.clone());
        }
        Trace::Echoed(originator, seq, digest) => {
            entry(state, view, originator, seq).echoed = Some(digest);
        }
        Trace::Readied(originator, seq, digest) => {
            entry(state, view, originator, seq).readied = Some(digest);
        }
    }
}

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(state: &mut State, _config: &Config, record: &Record<Prime>) {
    let Some(Reading { begins, view, trace }) = read(record) else {
        return;
    };
    if begins && view > state.view {
        state.enter(view);
    }
    if view == state.view {
        leave(state, view, trace);
    }
}
