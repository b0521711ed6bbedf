//! Somebody asks how far away this server is.

use crate::suspect::admit::admit;
use crate::suspect::{Effects, State};
use slots::slot;
use wire::monitoring::Monitoring;
use wire::prime::{RttPing, RttPong};
use wire::{Config, Time, To, Verified};

/// Answers an RTT-Ping of its signer.
///
/// Rejects (naming the signer, nothing changed but what [`take`](super::take) counts), in this
/// precedence:
/// Rejects: `WrongView` if its view is not the preinstalled one;
/// Rejects: `NotEntitled` if its signer is this server;
/// Rejects: `Full` if [`take`](super::take), which is not asked before, answers false.
///
/// Otherwise emits the RTT-Pong (view, pinger, count) as `Send` to the signer alone.
///
/// Paper: 4.2, Figure 4, B4 and B5. Deviation: none.
///
/// Invariant: nothing but what `take` counts changes; one answer at most a ping, to the signer
/// alone.
#[slot(suspect.on_rtt_ping)]
pub fn on_rtt_ping(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttPing>,
    effects: &mut Effects,
) {
    let (pinger, view, seq) = (message.signer(), message.body().view, message.body().seq);
    let entitled = pinger != state.me;
    if let Err(reason) = admit(state, config, rules, now, (pinger, view), entitled) {
        return effects.reject(pinger, reason);
    }
    effects.send(To::One(pinger), RttPong { view, pinger, seq });
}
