//! A record is read as what it leaves behind; a separate function leaves it.

use prime::order::{State, preinstall};
use wire::auth::Context;
use wire::prime::{
    Body, Commit, Incoming, OrderedCertificate, PrePrepare, Prepare, Prime,
};
use wire::{Config, Record, Seq, Verified, View};

/// What a record leaves behind.
enum Trace<'a> {
    /// Another view was preinstalled.
    Preinstalled(View),
    /// An own proposal.
    Promised(&'a PrePrepare),
    /// A Pre-Prepare that was accepted.
    Accepted(&'a Verified<PrePrepare>),
    /// A vote that a certificate rests on.
    Prepare(&'a Verified<Prepare>),
    /// A vote that a certificate rests on.
    Commit(&'a Verified<Commit>),
    /// An own Commit.
    Committed(&'a Commit),
    /// A certificate that another server sent.
    Certificate(&'a Verified<OrderedCertificate>),
}

/// The trace, for what concerns ordering.
fn read(record: &Record<Prime>) -> Option<Trace<'_>> {
    match record {
        Record::Promise(Body::RbInit(body)) => Some(Trace::Preinstalled(body.view)),
        Record::Promise(Body::PrePrepare(body)) => Some(Trace::Promised(body)),
        Record::Promise(Body::Commit(body)) => Some(Trace::Committed(body)),
        Record::Held(Incoming::PrePrepare(message)) => Some(Trace::Accepted(message)),
        Record::Held(Incoming::Prepare(message)) => Some(Trace::Prepare(message)),
        Record::Held(Incoming::Commit(message)) => Some(Trace::Commit(message)),
        Record::Held(Incoming::OrderedCertificate(message)) => {
            Some(Trace::Certificate(message))
        }
        _ => None,
    }
}

/// The number and whatever else about a trace decides whether it is over.
fn number(trace: &Trace<'_>) -> Option<Seq> {
    match trace {
        Trace::Preinstalled(_) | Trace::Promised(_) => None,
        Trace::Accepted(message) => Some(message.body().seq),
        Trace::Prepare(message) => Some(message.body().seq),
        Trace::Commit(message) => Some(message.body().seq),
        Trace::Committed(body) => Some(body.seq),
        Trace::Certificate(message) => Some(message.body().pre_prepare.body.seq),
    }
}

/// Notes an own proposal.
fn promise(state: &mut State, body: &PrePrepare) {
    if body.view != state.view || !state.votes() {
        return;
    }
    if body.seq > state.retired {
        state.promised.insert(body.seq, body.clone());
    }
    raise(&mut state.proposed, &mut state.proposal, body);
}

/// Raises a mark, with the matrix that belongs to it, to the number of `body`.
fn raise(mark: &mut Seq, matrix: &mut wire::prime::Matrix, body: &PrePrepare) {
    if *mark < body.seq {
        *mark = body.seq;
        matrix.clone_from(&body.matrix);
    }
}

/// Notes a Pre-Prepare that was accepted.
fn accept(state: &mut State, message: &Verified<PrePrepare>) {
    let body = message.body();
    let Some(slot) = state.slot_of(body.view, body.seq) else {
        return;
    };
    if slot.pre_prepare.as_ref().is_none_or(|held| held.digest() != message.digest()) {
        slot.pre_prepare = Some(message.clone());
    }
    if body.view == state.view {
        raise(&mut state.accepted, &mut state.preceding, body);
        raise(&mut state.proposed, &mut state.proposal, body);
    }
}

/// Notes what a certificate binds its number to. Whether it counts is for `recount`.
fn bind(state: &mut State, config: &Config, message: &Verified<OrderedCertificate>) {
    let (pre_prepare, commits) = message.parts(&Context::from(config));
    let PrePrepare { view, seq, .. } = *pre_prepare.body();
    let wanted = Commit { view, seq, digest: pre_prepare.digest() };
    let slot = state.slots.entry(seq).or_default();
    if slot.pre_prepare.as_ref().is_none_or(|held| held.digest() != pre_prepare.digest()) {
        slot.pre_prepare = Some(pre_prepare);
    }
    for vote in commits {
        if *vote.body() == wanted {
            slot.commits.insert(vote.signer(), vote);
        }
    }
}

/// Leaves `trace` in the state.
fn leave(state: &mut State, config: &Config, trace: Trace<'_>) {
    match trace {
        Trace::Preinstalled(view) => {
            if view > state.preinstalled {
                preinstall(state, view);
            }
        }
        Trace::Promised(body) => promise(state, body),
        Trace::Accepted(message) => accept(state, message),
        Trace::Prepare(message) => {
            if let Some(slot) = state.slot_of(message.body().view, message.body().seq) {
                slot.prepares.insert(message.signer(), message.clone());
            }
        }
        Trace::Commit(message) => {
            if let Some(slot) = state.slot_of(message.body().view, message.body().seq) {
                slot.commits.insert(message.signer(), message.clone());
            }
        }
        Trace::Committed(body) => {
            if let Some(slot) = state.slot_of(body.view, body.seq) {
                slot.prepared = true;
            }
        }
        Trace::Certificate(message) => bind(state, config, message),
    }
}

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    if let Some(trace) = read(record)
        && number(&trace).is_none_or(|seq| seq > state.retired)
    {
        leave(state, config, trace);
    }
}
