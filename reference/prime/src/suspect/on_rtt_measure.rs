//! Somebody says how far away it finds this server.

use crate::suspect::admit::admit;
use crate::suspect::{Effects, State, make_tat_ub, tat_if_leader};
use slots::slot;
use wire::monitoring::Monitoring;
use wire::prime::RttMeasure;
use wire::{Config, Time, Verified};

/// Takes an RTT-Measure of its signer.
///
/// Rejects (naming the signer, nothing changed but what [`take`](super::take) counts), in this
/// precedence:
/// Rejects: `WrongView` if its view is not the preinstalled one;
/// Rejects: `NotEntitled` if it is to another server, or its signer is this server;
/// Rejects: `Full` if [`take`](super::take), which is not asked before, answers false.
///
/// Otherwise, if [`tat_if_leader`] of its round trip is below `state.tats_if_leader` of the signer, it
/// takes its place and [`make_tat_ub`] follows; if not, nothing more happens.
///
/// Paper: 4.2, Figure 4, B9 to B12. Deviation: a bound that falls is announced at once.
///
/// Invariant: within a view an entry of `tats_if_leader` only falls, and only the signer's changes.
#[slot(suspect.on_rtt_measure)]
pub fn on_rtt_measure(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<RttMeasure>,
    effects: &mut Effects,
) {
    let (sender, body) = (message.signer(), message.body());
    let entitled = body.to == state.me && sender != state.me;
    if let Err(reason) = admit(state, config, rules, now, (sender, body.view), entitled) {
        return effects.reject(sender, reason);
    }
    let tat = tat_if_leader(rules, body.rtt);
    let held = &mut state.tats_if_leader[sender.index()];
    if tat < *held {
        *held = tat;
        make_tat_ub(state, config, effects);
    }
}
