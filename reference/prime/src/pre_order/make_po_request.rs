//! The originator gives its waiting updates a preorder identifier.

use crate::pre_order::{Effects, State};
use slots::slot;
use wire::prime::{MAX_BATCH, MAX_BATCH_BYTES, PoRequest};
use wire::{Config, List, PoSeq, Time, To};

/// Sends the oldest waiting updates as this server's next PO-Request, if it may.
///
/// Nothing happens while `state.pending` is empty, while `now < state.next_request_at`, or while
/// the next number, `state.last_own + 1`, lies beyond the own column's `retired` and half of
/// `windows.preorder`, rounded up: others keep twice as many above what they executed, which may be half
/// of it less. What they did not keep would wait to be said again.
///
/// Otherwise takes updates from the front of `state.pending`: the first always, then more as long
/// as there are fewer than `MAX_BATCH` and the payload bytes taken, the next one's included, stay
/// at or below `MAX_BATCH_BYTES`. Increments `state.last_own`, sets `state.next_request_at` to
/// `now + timing.po_request`, and emits, as a promise to all (`Persist` of the body, then `Send`
/// to `To::All`), the PO-Request with the new number and the updates in queue order.
/// The request takes its place in a slot only when it comes back signed. `state.preordered` stays.
///
/// Invariant: numbers are given out gap-free from 1, each once, also across restarts.
/// Paper: 4.1, "Preordering Phase". Deviation: batches; a least interval between requests.
#[slot(pre_order.make_po_request)]
pub fn make_po_request(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let column = &state.columns[state.me.index()];
    let seq = state.last_own.next();
    let ahead = config.windows.preorder.div_ceil(2);
    let too_far = seq.0 > column.retired.0.saturating_add(ahead);
    if state.pending.is_empty() || now < state.next_request_at || too_far {
        return;
    }
    let mut bytes = 0;
    let mut batch = Vec::new();
    while let Some(update) = state.pending.front() {
        bytes += update.body().payload.len();
        if batch.len() == MAX_BATCH || (!batch.is_empty() && bytes > MAX_BATCH_BYTES) {
            break;
        }
        batch.push(update.signed().clone());
        state.pending.pop_front();
    }
    assert!(!batch.is_empty());
    assert!(seq > PoSeq(0));
    state.last_own = seq;
    state.next_request_at = now.after(config.timing.po_request);
    let updates = List::new(batch).expect("stops at MAX_BATCH");
    effects.promise(To::All, PoRequest { seq, updates });
}
