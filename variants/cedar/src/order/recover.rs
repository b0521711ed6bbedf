//! A record is read as what it leaves behind; a separate function leaves it.

use prime::order::{State, preinstall};
use wire::auth::Context;
use wire::prime::{
    Body, Commit, Incoming, Matrix, OrderedCertificate, PrePrepare, Prepare, Prime,
};
use wire::{Config, Record, Seq, Verified, View};

/// What a record leaves behind.
enum Trace<'a> {
    /// Another view was preinstalled.
    Preinstalled(View),
    /// An own proposal.
    Promised(&'a PrePrepare),
    /// A Pre-Prepare that was logged.
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

/// What a trace must have so that it counts.
struct Terms {
    /// Of which view it is, if only those of the installed one count.
    view: Option<View>,
    /// Its number, if one that is over does not count.
    seq: Option<Seq>,
}

/// The terms for `trace`.
fn terms(trace: &Trace<'_>) -> Terms {
    let (view, seq) = match trace {
        Trace::Preinstalled(_) => (None, None),
        Trace::Promised(body) => (Some(body.view), None),
        Trace::Accepted(message) => (Some(message.body().view), Some(message.body().seq)),
        Trace::Prepare(message) => (Some(message.body().view), Some(message.body().seq)),
        Trace::Commit(message) => (Some(message.body().view), Some(message.body().seq)),
        Trace::Committed(body) => (Some(body.view), Some(body.seq)),
        Trace::Certificate(message) => (None, Some(message.body().pre_prepare.body.seq)),
    };
    Terms { view, seq }
}

/// Whether a trace with these terms counts.
fn counts(state: &State, terms: &Terms) -> bool {
    terms.view.is_none_or(|view| view == state.view)
        && terms.seq.is_none_or(|seq| seq > state.retired)
}

/// Raises a mark, with the matrix that belongs to it, to the number of `body`.
fn raise(mark: &mut Seq, matrix: &mut Matrix, body: &PrePrepare) {
    if *mark < body.seq {
        *mark = body.seq;
        matrix.clone_from(&body.matrix);
    }
}

/// Notes an own proposal.
fn promise(state: &mut State, body: &PrePrepare) {
    raise(&mut state.proposed, &mut state.proposal, body);
    if body.seq > state.retired {
        state.promised.insert(body.seq, body.clone());
    }
}

/// Notes a Pre-Prepare that was logged. Only in turn was it accepted.
fn accept(state: &mut State, message: &Verified<PrePrepare>) {
    let body = message.body();
    state.slots.entry(body.seq).or_default().pre_prepare = Some(message.clone());
    if state.accepted.0.checked_add(1) == Some(body.seq.0) {
        raise(&mut state.accepted, &mut state.preceding, body);
        raise(&mut state.proposed, &mut state.proposal, body);
    }
}

/// Binds a number as its certificate says.
fn bind(state: &mut State, config: &Config, message: &Verified<OrderedCertificate>) {
    let (pre_prepare, commits) = message.parts(&Context::from(config));
    let PrePrepare { view, seq, ref matrix } = *pre_prepare.body();
    let wanted = Commit { view, seq, digest: pre_prepare.digest() };
    let slot = state.slots.entry(seq).or_default();
    for vote in commits.into_iter().filter(|vote| *vote.body() == wanted) {
        slot.commits.insert(vote.signer(), vote);
    }
    slot.committed = true;
    if slot.pre_prepare.as_ref().is_some_and(|held| held.digest() == wanted.digest) {
        return;
    }
    if slot.pre_prepare.as_ref().is_some_and(|held| held.body().view != view) {
        slot.prepared = false;
    }
    let marks = [
        (state.accepted, &mut state.preceding),
        (state.proposed, &mut state.proposal),
    ];
    for (_, place) in marks.into_iter().filter(|(mark, _)| *mark == seq) {
        place.clone_from(matrix);
    }
    slot.pre_prepare = Some(pre_prepare);
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
            let slot = state.slots.entry(message.body().seq).or_default();
            slot.prepares.insert(message.signer(), message.clone());
        }
        Trace::Commit(message) => {
            let slot = state.slots.entry(message.body().seq).or_default();
            slot.commits.insert(message.signer(), message.clone());
        }
        Trace::Committed(body) => {
            state.slots.entry(body.seq).or_default().prepared = true;
        }
        Trace::Certificate(message) => bind(state, config, message),
    }
}

/// Takes one record of the log, in the order written, before the server starts.
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    if let Some(trace) = read(record)
        && counts(state, &terms(&trace))
    {
        leave(state, config, trace);
    }
}
