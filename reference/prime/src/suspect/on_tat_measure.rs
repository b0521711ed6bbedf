//! Somebody reports how slow it finds the leader.

use crate::suspect::admit::admit;
use crate::suspect::{Effects, Reported, State, evaluate};
use slots::slot;
use wire::monitoring::Monitoring;
use wire::prime::TatMeasure;
use wire::{Config, Time, Verified};

/// Takes a TAT-Measure of its signer, who may be this server.
///
/// Rejects (naming the signer, nothing changed), in this precedence:
/// Rejects: `WrongView` if its view is not the preinstalled one;
/// Rejects: `Full` if [`take`](super::take) says so.
///
/// Otherwise, if its value is at least what `state.reported` of the signer counts for at `now`
/// ([`Reported::at`]), it takes its place, heard at `now`, and [`evaluate`] follows. A lower value
/// changes nothing.
///
/// Invariant: what a signer said cannot be made less by anybody who passes on its older words.
/// Paper: 4.2, Figure 4, D4 to D6. Deviation: in robust mode values are forgotten after a while.
#[slot(suspect.on_tat_measure)]
pub fn on_tat_measure(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<TatMeasure>,
    effects: &mut Effects,
) {
    let (sender, body) = (message.signer(), message.body());
    if let Err(reason) = admit(state, config, rules, now, (sender, body.view), true) {
        return effects.reject(sender, reason);
    }
    let held = &mut state.reported[sender.index()];
    if body.tat >= held.at(rules, now) {
        *held = Reported { tat: body.tat, heard: now };
        evaluate(state, config, rules, now, effects);
    }
}
