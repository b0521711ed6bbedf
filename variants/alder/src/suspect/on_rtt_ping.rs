//! Somebody asks how far away this server is.

use prime::suspect::{Effects, State};
use wire::prime::{RttPing, RttPong};
use wire::{Config, Monitoring, Reject, Time, To, Verified};

/// Answers an RTT-Ping.
pub fn on_rtt_ping(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttPing>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    if body.view != state.view {
        effects.reject(signer, Reject::WrongView);
        return;
    }
    if signer == state.me {
        effects.reject(signer, Reject::NotEntitled);
        return;
    }
    if !prime::suspect::take(state, config, rules, now, signer) {
        effects.reject(signer, Reject::Full);
        return;
    }

    effects.send(To::One(signer), RttPong { view: body.view, pinger: signer, seq: body.seq });
}
