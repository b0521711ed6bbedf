//! Answers a ping.

use prime::suspect::{Effects, State, take};
use wire::monitoring::Monitoring;
use wire::prime::{RttPing, RttPong};
use wire::{Config, Reject, Time, To, Verified};

/// Answers the signer alone.
pub fn on_rtt_ping(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttPing>,
    effects: &mut Effects,
) {
    let (pinger, body) = (message.signer(), message.body());
    let guards =
        [(body.view != state.view, Reject::WrongView), (pinger == state.me, Reject::NotEntitled)];
    let against = guards
        .into_iter()
        .find_map(|(holds, reason)| holds.then_some(reason))
        .or_else(|| (!take(state, config, rules, now, pinger)).then_some(Reject::Full));
    match against {
        Some(reason) => effects.reject(pinger, reason),
        None => {
            effects.send(To::One(pinger), RttPong { view: body.view, pinger, seq: body.seq });
        }
    }
}
