//! Answers who lacks certificates.

use std::ops::Bound::{Excluded, Unbounded};

use prime::catch_up::{ANSWERS, Answered, CERTIFICATES, Certificate, State};
use prime::pre_order::Effects;
use wire::prime::{CatchUpRequest, OrderedCertificate};
use wire::{Config, List, Reject, Seq, Time, To, Verified};

/// Sends the signer the next certificates above what it has ordered.
pub fn on_catch_up_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<CatchUpRequest>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let ordered = message.body().ordered;
    let Some(answered) = state.answered.get_mut(usize::from(signer.0).wrapping_sub(1)) else {
        return;
    };
    let goes_on =
        answered.count > 0 && now.0 < answered.since.0.saturating_add(config.timing.retransmit);
    // What the answer is counted upon.
    let before = if goes_on {
        *answered
    } else {
        Answered { since: now, count: 0, upto: Seq(0) }
    };
    let guards = [goes_on && ordered < before.upto, before.count >= ANSWERS];
    if guards.contains(&true) {
        effects.reject(signer, Reject::Full);
        return;
    }
    let most = ANSWERS.saturating_sub(before.count).min(CERTIFICATES);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut after = before;
    for (seq, certificate) in state.archive.range((Excluded(ordered), Unbounded)).take(most) {
        after.count = after.count.saturating_add(1);
        after.upto = *seq;
        effects.send(To::One(signer), worded(certificate));
    }
    if after.count > before.count {
        *answered = after;
    }
}

fn worded(certificate: &Certificate) -> OrderedCertificate {
    let mut commits = certificate.commits.iter().map(|commit| commit.signed().clone());
    OrderedCertificate {
        pre_prepare: certificate.pre_prepare.signed().clone(),
        commits: List::take(&mut commits),
    }
}
