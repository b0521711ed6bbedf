//! `catch_up.on_catch_up_request`: certificates for one who is behind.

use prime::catch_up::{ANSWERS, Answered, CERTIFICATES, Certificate, State};
use prime::pre_order::Effects;
use std::ops::Bound::{Excluded, Included};
use wire::prime::{CatchUpRequest, OrderedCertificate};
use wire::{Config, List, Reject, Seq, Time, To, Verified};

/// The account of the period in which an answer at `now` falls, or why there is none.
fn account(
    last: Answered,
    config: &Config,
    now: Time,
    ordered: Seq,
) -> Result<Answered, Reject> {
    let goes_on = last.count > 0 && now < last.since.after(config.timing.retransmit);
    match goes_on {
        false => Ok(Answered { since: now, count: 0, upto: Seq(0) }),
        true if ordered < last.upto || last.count >= ANSWERS => Err(Reject::Full),
        true => Ok(last),
    }
}

/// As it goes out.
fn message(certificate: &Certificate) -> OrderedCertificate {
    OrderedCertificate {
        pre_prepare: certificate.pre_prepare.signed().clone(),
        commits: List::take(&mut certificate.commits.iter().map(|commit| commit.signed().clone())),
    }
}

/// Answers the signer's word about itself.
pub fn on_catch_up_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message_in: &Verified<CatchUpRequest>,
    effects: &mut Effects,
) {
    let (peer, ordered) = (message_in.signer(), message_in.body().ordered);
    let highest = Seq(ordered.0.saturating_add(CERTIFICATES));
    let mut lacking = state
        .archive
        .range((Excluded(ordered), Included(highest)))
        .filter(|_| peer != state.me)
        .peekable();
    let row = usize::from(peer.0)
        .checked_sub(1)
        .and_then(|place| state.answered.get_mut(place))
        .filter(|_| lacking.peek().is_some());
    let Some(answered) = row else {
        return;
    };
    match account(*answered, config, now, ordered) {
        Err(reason) => effects.reject(peer, reason),
        Ok(begun) => {
            let room = usize::try_from(ANSWERS.saturating_sub(begun.count)).unwrap_or(usize::MAX);
            *answered = lacking.take(room).fold(begun, |sum, (&seq, certificate)| {
                effects.send(To::One(peer), message(certificate));
                Answered { count: sum.count + 1, upto: seq, ..sum }
            });
        }
    }
}
