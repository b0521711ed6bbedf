//! A server that is behind is shown what was ordered.

use prime::catch_up::{ANSWERS, Answered, CERTIFICATES, Certificate, State};
use prime::pre_order::Effects;
use std::ops::Bound;
use wire::config::MAX_REPLICAS;
use wire::prime::{CatchUpRequest, OrderedCertificate};
use wire::{Config, List, Reject, Seq, Time, To, Verified};

/// The message that shows `certificate`.
fn shown(certificate: &Certificate) -> Option<OrderedCertificate> {
    let mut commits = Vec::with_capacity(certificate.commits.len());
    for commit in &certificate.commits {
        if commits.len() >= MAX_REPLICAS {
            break;
        }
        commits.push(commit.signed().clone());
    }
    match List::new(commits) {
        Ok(commits) => {
            Some(OrderedCertificate { pre_prepare: certificate.pre_prepare.signed().clone(), commits })
        }
        Err(_) => None,
    }
}

/// Answers a Catch-Up-Request of its signer.
pub fn on_catch_up_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<CatchUpRequest>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    if signer == state.me {
        return;
    }
    let ordered = message.body().ordered;
    let last = Seq(ordered.0.saturating_add(CERTIFICATES));
    // An excluded and an included end may be equal: that is an empty range and no panic.
    let mut lacking = state.archive.range((Bound::Excluded(ordered), Bound::Included(last)));
    let Some((&lowest, first)) = lacking.next() else {
        return;
    };
    let row = usize::from(signer.0).wrapping_sub(1);
    let Some(entry) = state.answered.get_mut(row) else {
        effects.reject(signer, Reject::NotEntitled);
        return;
    };

    // What the period is that this answer belongs to.
    let end = entry.since.0.saturating_add(config.timing.retransmit);
    let goes_on = entry.count > 0 && now.0 < end;
    if goes_on && (ordered < entry.upto || entry.count >= ANSWERS) {
        effects.reject(signer, Reject::Full);
        return;
    }
    let mut next = if goes_on { *entry } else { Answered { since: now, count: 0, upto: Seq(0) } };

    // Below `ANSWERS` at first: one certificate goes out at least.
    let mut seq = lowest;
    let mut certificate = first;
    loop {
        if let Some(body) = shown(certificate) {
            effects.send(To::One(signer), body);
            next.count += 1;
            next.upto = seq;
        }
        if next.count >= ANSWERS {
            break;
        }
        let Some((&number, held)) = lacking.next() else {
            break;
        };
        seq = number;
        certificate = held;
    }
    *entry = next;
}
