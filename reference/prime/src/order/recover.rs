//! What the log says about ordering.

use crate::order::on_ordered_certificate::{bind, matching};
use crate::order::{State, preinstall};
use slots::slot;
use wire::prime::{Body, Incoming, Prime};
use wire::{Config, Record, auth::Context};

/// Takes one record of the log, in the order written, before the server starts.
///
/// - `Promise` of a Pre-Prepare of the installed view: if its number is above `proposed`, `proposed`
///   and `proposal` become its number and matrix. If its number is above `retired`, it enters
///   `promised` under its number.
/// - `Held` Pre-Prepare of the installed view: it enters its slot, in place of what was there (one with
///   another digest after the one that was voted for stands in the log with its commit certificate, or
///   because a view change named it; this server votes for neither). If its number is `accepted + 1`,
///   `accepted` and `preceding` become its number and matrix, and so do `proposed` and `proposal` if it
///   is above `proposed`. (Out of turn it was logged with its commit certificate: neither accepted nor
///   proposed.)
/// - `Held` Prepare or Commit of the installed view: it enters its slot under its signer, in place of one
///   that is there.
/// - `Promise` of a Commit of the installed view: the slot's `prepared` is set.
/// - `Held` Ordered-Certificate, of whatever view: its number is bound as in
///   [`on_ordered_certificate`](super::on_ordered_certificate), with `preceding`, `proposal`, the slot's
///   `committed` and those Commits that have the Pre-Prepare's view, number and digest; but nothing is
///   looked at to reject it, and nothing else follows.
/// - `Promise` of an RbInit of a view above `preinstalled`: as in [`preinstall`].
/// - Anything else is not for ordering: nothing happens.
///
/// Numbers at or below `retired` are skipped; slots are made as needed and no window applies. Emits
/// nothing. Commit certificates in votes are looked at later, by [`recount`](super::recount). That a view was
/// installed is told by the caller, with [`install`](super::install), after a [`recount`](super::recount).
///
/// Invariant: after a restart no promise is contradicted.
/// Paper: none; the report's servers do not forget. Deviation: none.
#[slot(order.recover)]
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    let view = state.view;
    match record {
        Record::Promise(Body::PrePrepare(body)) if body.view == view => {
            if body.seq > state.proposed {
                state.proposed = body.seq;
                state.proposal = body.matrix.clone();
            }
            if body.seq > state.retired {
                state.promised.insert(body.seq, body.clone());
            }
        }
        Record::Promise(Body::Commit(body)) if body.view == view && body.seq > state.retired => {
            state.slots.entry(body.seq).or_default().prepared = true;
        }
        Record::Held(Incoming::PrePrepare(message)) if message.body().view == view => {
            let body = message.body();
            if body.seq > state.retired {
                state.slots.entry(body.seq).or_default().pre_prepare = Some(message.clone());
            }
            if body.seq == state.accepted.next() {
                state.accepted = body.seq;
                state.preceding = body.matrix.clone();
                if body.seq > state.proposed {
                    state.proposed = body.seq;
                    state.proposal = body.matrix.clone();
                }
            }
        }
        Record::Held(Incoming::Prepare(vote)) if vote.body().view == view => {
            if vote.body().seq > state.retired {
                let slot = state.slots.entry(vote.body().seq).or_default();
                slot.prepares.insert(vote.signer(), vote.clone());
            }
        }
        Record::Held(Incoming::Commit(vote)) if vote.body().view == view => {
            if vote.body().seq > state.retired {
                let slot = state.slots.entry(vote.body().seq).or_default();
                slot.commits.insert(vote.signer(), vote.clone());
            }
        }
        Record::Held(Incoming::OrderedCertificate(message)) => {
            let (proposal, votes) = message.parts(&Context::from(config));
            if proposal.body().seq > state.retired {
                let commits = matching(&proposal, votes);
                bind(state, &proposal, commits);
            }
        }
        Record::Promise(Body::RbInit(init)) if init.view > state.preinstalled => {
            preinstall(state, init.view);
        }
        Record::Promise(_) | Record::Held(_) => {}
    }
}
