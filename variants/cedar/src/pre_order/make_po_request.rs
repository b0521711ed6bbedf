//! The queue's head becomes a PO-Request.

use prime::pre_order::{Effects, State};
use wire::prime::{MAX_BATCH, MAX_BATCH_BYTES, PoRequest};
use wire::{Config, List, PoSeq, Time, To};

/// Measures first how much of the queue goes out, then takes exactly that much.
pub fn make_po_request(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    let retired = state.columns[state.me.index()].retired;
    let ceiling = retired.0.saturating_add(config.windows.preorder);
    let seq = PoSeq(state.last_own.0.saturating_add(1));
    let waits = [state.pending.is_empty(), now < state.next_request_at, seq.0 > ceiling];
    if waits.contains(&true) {
        return;
    }
    let size = measure(state, 0, 0);
    let batch = state.pending.drain(..size).map(|update| update.signed().clone()).collect();
    state.last_own = seq;
    state.next_request_at = now.after(config.timing.po_request);
    let updates = List::new(batch).expect("measured against the cap");
    effects.promise(To::All, PoRequest { seq, updates });
}

/// How many updates fit, of which `taken` with `bytes` bytes are known to.
fn measure(state: &State, taken: usize, bytes: usize) -> usize {
    let Some(next) = state.pending.get(taken) else { return taken };
    let bytes = bytes + next.body().payload.len();
    let fits = taken == 0 || (taken < MAX_BATCH && bytes <= MAX_BATCH_BYTES);
    if fits { measure(state, taken + 1, bytes) } else { taken }
}
