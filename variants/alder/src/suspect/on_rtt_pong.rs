//! Somebody answers a ping.

use prime::suspect::{Effects, State};
use wire::prime::{RttMeasure, RttPong};
use wire::{Config, Monitoring, Reject, Time, To, Verified};

/// Takes an RTT-Pong and tells its signer how far away it is.
pub fn on_rtt_pong(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttPong>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let body = message.body();
    if body.view != state.view {
        effects.reject(signer, Reject::WrongView);
        return;
    }
    if body.pinger != state.me || signer == state.me {
        effects.reject(signer, Reject::NotEntitled);
        return;
    }
    if !prime::suspect::take(state, config, rules, now, signer) {
        effects.reject(signer, Reject::Full);
        return;
    }
    if body.seq > state.ping_seq {
        effects.reject(signer, Reject::Invalid);
        return;
    }
    let row = usize::from(signer.0).wrapping_sub(1);
    let Some(answered) = state.answered.get_mut(row) else {
        return;
    };
    if body.seq <= *answered {
        effects.reject(signer, Reject::Duplicate);
        return;
    }
    let Some(&sent) = state.pings.get(&body.seq) else {
        effects.reject(signer, Reject::Stale);
        return;
    };

    *answered = body.seq;
    let rtt = now.0.saturating_sub(sent.0);
    effects.send(To::One(signer), RttMeasure { view: state.view, to: signer, rtt });
}
