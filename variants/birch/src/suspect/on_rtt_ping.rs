//! `suspect.on_rtt_ping`: B4 and B5.

use prime::suspect::{Effects, State, take};
use wire::monitoring::Monitoring;
use wire::prime::{RttPing, RttPong};
use wire::{Config, Reject, Time, To, Verified};

/// Whether the ping is another's, in this view.
fn admissible(state: &State, message: &Verified<RttPing>) -> Result<(), Reject> {
    if message.body().view != state.view {
        Err(Reject::WrongView)
    } else if message.signer() == state.me {
        Err(Reject::NotEntitled)
    } else {
        Ok(())
    }
}

/// Answers a ping.
pub fn on_rtt_ping(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttPing>,
    effects: &mut Effects,
) {
    let pinger = message.signer();
    let taken = admissible(state, message)
        .and_then(|()| take(state, config, rules, now, pinger).then_some(()).ok_or(Reject::Full));
    match taken {
        Ok(()) => effects.send(
            To::One(pinger),
            RttPong { view: state.view, pinger, seq: message.body().seq },
        ),
        Err(reason) => effects.reject(pinger, reason),
    }
}
