//! What `pre_order.make_po_request` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use std::collections::VecDeque;
use wire::Update;
use wire::prime::{MAX_BATCH, MAX_BATCH_BYTES, PoRequest, Prime};
use wire::{Config, Effect, List, Time, To, Verified};

/// The oldest waiting updates go out as the next PO-Request (4.1, "Preordering Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("make_po_request", config, before);

    let seq = before.last_own.next();
    let room = expected.retired(before.me).0.saturating_add(config.windows.preorder);
    if before.pending.is_empty() {
        expected.since("nothing happens while pending is empty");
    } else if now < before.next_request_at {
        expected.since("nothing happens while now < next_request_at");
    } else if seq.0 > room {
        expected.since("nothing happens while last_own + 1 lies beyond the own window");
    } else {
        expected.since("takes the first update, then more up to MAX_BATCH and MAX_BATCH_BYTES");
        let taken = batch(&before.pending);
        let mut updates = before.pending.iter().take(taken).map(|update| update.signed().clone());
        let updates = List::take(&mut updates);
        expected.taken = taken;
        expected.last_own = seq;
        expected.next_request_at = now.after(config.timing.po_request);
        expected.promise(To::All, PoRequest { seq, updates });
    }
    expected.judge(after, Order::Fixed, effects)
}

/// How many updates make the next batch: the most such that there is no more than one, or at most
/// `MAX_BATCH` with at most `MAX_BATCH_BYTES` of payload.
fn batch(pending: &VecDeque<Verified<Update>>) -> usize {
    let sizes = pending.iter().map(|update| update.body().payload.len());
    let totals = sizes.scan(0, |total, size| {
        *total += size;
        Some(*total)
    });
    let fits = totals.take(MAX_BATCH).take_while(|&total| total <= MAX_BATCH_BYTES).count();
    fits.max(1).min(pending.len())
}
