//! A ping is answered.

use crate::suspect::admit::admit;
use crate::suspect::{Effects, State};
use slots::slot;
use wire::monitoring::Monitoring;
use wire::prime::{RttMeasure, RttPong};
use wire::{Config, Reject, Time, To, Verified};

/// Takes an RTT-Pong of its signer and tells the signer what it shows.
///
/// Rejects (naming the signer, nothing changed but what [`take`](super::take) counts), in this
/// precedence:
/// Rejects: `WrongView` if its view is not the preinstalled one;
/// Rejects: `NotEntitled` if its pinger is not this server, or its signer is;
/// Rejects: `Full` if [`take`](super::take), which is not asked before, answers false;
/// Rejects: `Invalid` if its count exceeds `state.ping_seq`: no such ping was sent;
/// Rejects: `Duplicate` if its count is at or below `state.answered` of the signer;
/// Rejects: `Stale` if the ping is no longer in `state.pings`.
///
/// Otherwise `state.answered` of the signer becomes the count, and the RTT-Measure (view, signer, time
/// from the ping to `now`) is emitted as `Send` to the signer alone.
///
/// Paper: 4.2, Figure 4, B6 to B8. Deviation: none.
///
/// Invariant: `answered` of the signer only grows, so each ping is measured at most once for each
/// server.
#[slot(suspect.on_rtt_pong)]
pub fn on_rtt_pong(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttPong>,
    effects: &mut Effects,
) {
    let (sender, body) = (message.signer(), message.body());
    let entitled = body.pinger == state.me && sender != state.me;
    if let Err(reason) = admit(state, config, rules, now, (sender, body.view), entitled) {
        return effects.reject(sender, reason);
    }
    if body.seq > state.ping_seq {
        return effects.reject(sender, Reject::Invalid);
    }
    if body.seq <= state.answered[sender.index()] {
        return effects.reject(sender, Reject::Duplicate);
    }
    let Some(sent) = state.pings.get(&body.seq) else {
        return effects.reject(sender, Reject::Stale);
    };
    state.answered[sender.index()] = body.seq;
    let rtt = now.since(*sent);
    effects.send(To::One(sender), RttMeasure { view: state.view, to: sender, rtt });
}
