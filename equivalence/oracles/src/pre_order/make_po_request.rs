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
    let half = config.windows.preorder.div_ceil(2);
    let room = expected.retired(before.me).0.saturating_add(half);
    if before.pending.is_empty() {
        expected.since("nothing happens while pending is empty");
    } else if now < before.next_request_at {
        expected.since("nothing happens while now < next_request_at");
    } else if seq.0 > room {
        expected.since("nothing happens while last_own + 1 lies beyond half of the own window");
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

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{config, number, request_body, state, trips, update};
    use prime::pre_order::State;
    use wire::client::MAX_PAYLOAD;
    use wire::prime::{Body, MAX_BATCH, MAX_BATCH_BYTES, Prime};
    use wire::{Effect, PoSeq, Record, Time, To, Update, Verified};

    fn waiting(count: usize, size: usize) -> State {
        let mut state = state();
        let numbers = (1..).take(count);
        state.pending = numbers.clone().map(|i| update(1, i, &vec![0; size])).collect();
        state.preordered = numbers.map(|i| number(1, i)).collect();
        state
    }

    fn sent(before: &State, taken: usize) -> (State, [Effect<Prime>; 2]) {
        let mut after = before.clone();
        let batch: Vec<Verified<Update>> = after.pending.drain(..taken).collect();
        let body = request_body(1, &batch.iter().collect::<Vec<_>>());
        after.last_own = PoSeq(1);
        after.next_request_at = Time(1_000);
        let body = Body::PoRequest(body);
        let record = Record::Promise(body.clone());
        (after, [Effect::Persist { token: 1, record }, Effect::Send { to: To::All, body }])
    }

    #[test]
    fn a_batch_closes_at_its_count_and_at_its_bytes() {
        let config = config();
        let fit = MAX_BATCH_BYTES / MAX_PAYLOAD;
        let cases = [(3, 1, 3), (MAX_BATCH + 1, 1, MAX_BATCH), (fit + 1, MAX_PAYLOAD, fit)];
        for (count, size, taken) in cases {
            let before = waiting(count, size);
            let (after, effects) = sent(&before, taken);
            assert_eq!(check(&config, &before, Time(0), &after, &effects), Ok(()));
            let (after, effects) = sent(&before, taken - 1);
            trips(check(&config, &before, Time(0), &after, &effects), "effect 0");
        }
    }

    #[test]
    fn a_number_given_out_without_a_promise_or_twice_is_found() {
        let (config, before) = (config(), waiting(1, 1));
        let (after, effects) = sent(&before, 1);
        trips(check(&config, &before, Time(0), &after, &effects[1..]), "effect 0");
        let mut reused = after.clone();
        reused.last_own = PoSeq(0);
        trips(check(&config, &before, Time(0), &reused, &effects), "last_own");
        let mut forgotten = after.clone();
        forgotten.preordered.clear();
        trips(check(&config, &before, Time(0), &forgotten, &effects), "preordered");
        let mut kept = after;
        kept.pending = before.pending.clone();
        trips(check(&config, &before, Time(0), &kept, &effects), "pending");
    }

    #[test]
    fn nothing_goes_out_too_soon_beyond_the_window_or_from_an_empty_queue() {
        let (config, empty) = (config(), state());
        assert_eq!(check(&config, &empty, Time(0), &empty, &[]), Ok(()));
        let mut early = waiting(1, 1);
        early.next_request_at = Time(1);
        assert_eq!(check(&config, &early, Time(0), &early, &[]), Ok(()));
        let mut far = waiting(1, 1);
        far.last_own = PoSeq(128);
        assert_eq!(check(&config, &far, Time(0), &far, &[]), Ok(()));
        far.last_own = PoSeq(127);
        trips(check(&config, &far, Time(0), &far, &[]), "effects");
        let before = waiting(1, 1);
        trips(check(&config, &before, Time(0), &before, &[]), "effects");
    }
}
