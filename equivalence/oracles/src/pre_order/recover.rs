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
