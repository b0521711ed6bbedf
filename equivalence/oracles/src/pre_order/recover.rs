//! What `pre_order.recover` must do.

use super::definitions::numbers;
use super::expected::Expected;
use crate::Finding;
use prime::pre_order::{Content, RequestBody, State};
use std::sync::Arc;
use wire::auth::Context;
use wire::prime::{Body, Incoming, PoAru, PoRequest, Prime};
use wire::{Config, PoSeq, Record, Verified};

/// A record of the log is taken back; no promise may be contradicted after a restart.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    record: &Record<Prime>,
    after: &State,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("recover", config, before);

    match record {
        Record::Promise(Body::PoRequest(request)) => own_request(&mut expected, request),
        Record::Promise(Body::PoAru(aru)) => own_aru(&mut expected, aru),
        Record::Held(Incoming::PoRequest(request)) => held_request(&mut expected, request),
        Record::Promise(_) | Record::Held(_) => {
            expected.since("anything else is not for pre-ordering: nothing happens");
        }
    }
    expected.judge_state(after)
}

fn own_request(expected: &mut Expected<'_>, request: &PoRequest) {
    expected.since("last_own follows, (me, number) gets the body, its numbers enter preordered");
    let (me, s) = (expected.before.me, request.seq);
    expected.last_own = expected.last_own.max(s);
    if s > expected.retired(me) {
        let digest = Context::from(expected.config).leaf(me, request);
        let body = RequestBody::Vouched(Arc::new(request.clone()));
        expected.slot_mut(me, s).adopted = Some(Content { digest, body });
        expected.entered.extend(numbers(request));
    }
}

fn own_aru(expected: &mut Expected<'_>, aru: &PoAru) {
    expected.since("sent_aru becomes, entry by entry, the larger one");
    let promised = |o: usize| aru.vec.get(o).copied().unwrap_or_default();
    let sent = expected.before.sent_aru.iter().enumerate();
    let larger: Vec<PoSeq> = sent.map(|(o, &sent)| sent.max(promised(o))).collect();
    expected.sent_aru = Some(larger);
}

fn held_request(expected: &mut Expected<'_>, request: &Verified<PoRequest>) {
    expected.since("held becomes request, or adopted if request has another digest");
    let (o, s) = (request.signer(), request.body().seq);
    if s <= expected.retired(o) {
        return;
    }
    let slot = expected.slot_mut(o, s);
    match &slot.request {
        None => slot.request = Some(request.clone()),
        Some(first) if first.digest() == request.digest() => {}
        Some(_) => {
            let body = RequestBody::Signed(request.clone());
            slot.adopted = Some(Content { digest: request.digest(), body });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{
        aru, aru_body, config, content, number, request, slot, slot_mut, state, trips, vector,
    };
    use wire::prime::{Body, Incoming, Prime};
    use wire::{PoSeq, Record};

    #[test]
    fn an_own_promise_keeps_number_content_and_updates() {
        let (config, before) = (config(), state());
        let own = request(1, 300, 7);
        let record = Record::<Prime>::Promise(Body::PoRequest(own.body().clone()));
        let mut after = before.clone();
        after.last_own = PoSeq(300);
        after.preordered.insert(number(1, 7));
        slot_mut(&mut after, 1, 300).adopted = Some(content(&own));
        assert_eq!(check(&config, &before, &record, &after), Ok(()));
        let mut reused = after.clone();
        reused.last_own = PoSeq(0);
        trips(check(&config, &before, &record, &reused), "last_own");
        let mut wrong = after.clone();
        slot_mut(&mut wrong, 1, 300).adopted = Some(content(&request(2, 300, 7)));
        trips(check(&config, &before, &record, &wrong), "adopted");
        let mut retired = before;
        retired.columns[0].aru = PoSeq(300);
        retired.columns[0].retired = PoSeq(300);
        let mut counted = retired.clone();
        counted.last_own = PoSeq(300);
        assert_eq!(check(&config, &retired, &record, &counted), Ok(()));
        counted.preordered.insert(number(1, 7));
        trips(check(&config, &retired, &record, &counted), "preordered");
    }

    #[test]
    fn a_promised_vector_only_raises_entries() {
        let (config, mut before) = (config(), state());
        before.sent_aru = vector(&[2, 0, 0, 0]);
        let record = Record::<Prime>::Promise(Body::PoAru(aru_body(&[1, 3, 0, 0])));
        let mut after = before.clone();
        after.sent_aru = vector(&[2, 3, 0, 0]);
        assert_eq!(check(&config, &before, &record, &after), Ok(()));
        after.sent_aru = vector(&[1, 3, 0, 0]);
        trips(check(&config, &before, &record, &after), "sent_aru");
    }

    #[test]
    fn of_held_requests_the_first_stays_and_the_second_is_adopted() {
        let (config, before) = (config(), state());
        let (a, b) = (request(2, 1, 1), request(2, 1, 2));
        let first = Record::<Prime>::Held(Incoming::PoRequest(a.clone()));
        let second = Record::<Prime>::Held(Incoming::PoRequest(b.clone()));
        let mut with_a = before.clone();
        *slot_mut(&mut with_a, 2, 1) = slot(&a, &[]);
        let mut both = with_a.clone();
        slot_mut(&mut both, 2, 1).adopted = Some(content(&b));
        assert_eq!(check(&config, &before, &first, &with_a), Ok(()));
        assert_eq!(check(&config, &with_a, &first, &with_a), Ok(()));
        assert_eq!(check(&config, &with_a, &second, &both), Ok(()));
        trips(check(&config, &with_a, &second, &with_a), "adopted");
        let mut replaced = before;
        *slot_mut(&mut replaced, 2, 1) = slot(&b, &[]);
        trips(check(&config, &with_a, &second, &replaced), "request");
    }

    #[test]
    fn other_records_and_retired_numbers_change_nothing() {
        let (config, mut before) = (config(), state());
        let row = Record::<Prime>::Held(Incoming::PoAru(aru(2, &[1, 0, 0, 0])));
        assert_eq!(check(&config, &before, &row, &before), Ok(()));
        let mut merged = before.clone();
        merged.rows[1] = Some(aru(2, &[1, 0, 0, 0]));
        trips(check(&config, &before, &row, &merged), "rows[r2]");
        before.columns[1].aru = PoSeq(1);
        before.columns[1].retired = PoSeq(1);
        let a = request(2, 1, 1);
        let old = Record::<Prime>::Held(Incoming::PoRequest(a.clone()));
        assert_eq!(check(&config, &before, &old, &before), Ok(()));
        let mut taken = before.clone();
        *slot_mut(&mut taken, 2, 1) = slot(&a, &[]);
        trips(check(&config, &before, &old, &taken), "slots[s1]");
    }
}
