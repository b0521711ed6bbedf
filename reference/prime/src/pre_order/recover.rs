//! What the log says about pre-ordering.

use crate::pre_order::{Content, State};
use slots::slot;
use wire::prime::{Body, Incoming, Prime};
use wire::{Config, Record, auth::Context};

/// Takes one record of the log, in the order written, before the server starts.
///
/// - `Promise` of a PO-Request: `state.last_own` becomes its number if that is higher, and the slot
///   of (me, number) gets the body, with its leaf digest under this server's name, as `adopted`,
///   and (client, number) of each of its updates enters `state.preordered`.
/// - `Promise` of a PO-ARU (N entries): `state.sent_aru` becomes, entry by entry, the larger one.
/// - `Held` PO-Request: if its slot has no `request`, it becomes `request` (it was acknowledged, or
///   was about to be). If the slot has a `request` with another digest, it becomes `adopted`: a
///   second content was held only because it was certified.
/// - Anything else is not for pre-ordering: nothing happens.
///
/// No window applies: the log holds only what was let in. Nothing at or below a column's `retired`
/// enters a slot or `state.preordered`. Columns' `aru` are not touched; see [`recover_promises`](super::recover_promises).
/// Emits nothing.
///
/// Invariant: after a restart nothing that was promised is contradicted: no number of one's own is
/// used again, no other digest is acknowledged under an identifier, no PO-ARU falls behind.
/// Paper: none; the report's servers do not forget. Deviation: none.
#[slot(pre_order.recover)]
pub fn recover(state: &mut State, config: &Config, record: &Record<Prime>) {
    match record {
        Record::Promise(Body::PoRequest(request)) => {
            state.last_own = state.last_own.max(request.seq);
            let digest = Context::from(config).leaf(state.me, request);
            let column = &mut state.columns[state.me.index()];
            if request.seq > column.retired {
                let slot = column.slots.entry(request.seq).or_default();
                slot.adopted = Some(Content { digest, body: request.clone().into() });
                let updates = request.updates.iter();
                state.preordered.extend(updates.map(|update| (update.signer, update.body.seq)));
            }
        }
        Record::Promise(Body::PoAru(aru)) => {
            assert_eq!(aru.vec.len(), config.size(), "our own promise");
            for (sent, promised) in state.sent_aru.iter_mut().zip(aru.vec.iter()) {
                *sent = (*sent).max(*promised);
            }
        }
        Record::Held(Incoming::PoRequest(request)) => {
            let column = &mut state.columns[request.signer().index()];
            if request.body().seq <= column.retired {
                return;
            }
            let slot = column.slots.entry(request.body().seq).or_default();
            match &slot.request {
                None => slot.request = Some(request.clone()),
                Some(first) if first.digest() == request.digest() => {}
                Some(_) => slot.adopted = Some(Content::of(request)),
            }
        }
        Record::Promise(_) | Record::Held(_) => {}
    }
}
