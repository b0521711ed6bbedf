//! Queued updates go out under a number of one's own.

use prime::pre_order::{Effects, State};
use std::collections::VecDeque;
use wire::prime::{MAX_BATCH, MAX_BATCH_BYTES, PoRequest};
use wire::{Config, List, PoSeq, Time, To, Update, Verified};

/// Promises the oldest waiting updates to all under the next own number, when there are any, the
/// interval is over and the number lies in the window.
pub fn make_po_request(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if let Some(seq) = next_number(state, config, now) {
        let count = batch(&state.pending);
        let mut taken = state.pending.drain(..count).map(|update| update.signed().clone());
        let updates = List::take(&mut taken);
        drop(taken);
        state.last_own = seq;
        state.next_request_at = now.after(config.timing.po_request);
        effects.promise(To::All, PoRequest { seq, updates });
    }
}

/// The number to use now, if one may be used now.
fn next_number(state: &State, config: &Config, now: Time) -> Option<PoSeq> {
    let retired = state.columns[state.me.index()].retired.0;
    let last = retired.saturating_add(config.windows.preorder.div_ceil(2));
    Some(state.last_own.next())
        .filter(|_| !state.pending.is_empty() && now >= state.next_request_at)
        .filter(|seq| seq.0 <= last)
}

/// How many from the front make a batch: one, and as many more as count and bytes allow.
fn batch(pending: &VecDeque<Verified<Update>>) -> usize {
    pending
        .iter()
        .take(MAX_BATCH)
        .scan(0_usize, |bytes, update| {
            *bytes += update.body().payload.len();
            Some(*bytes)
        })
        .take_while(|bytes| *bytes <= MAX_BATCH_BYTES)
        .count()
        .max(1)
}
