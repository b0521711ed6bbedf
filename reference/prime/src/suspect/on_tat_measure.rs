//! Somebody reports how slow it finds the leader.

use crate::suspect::admit::admit;
use crate::suspect::{Effects, Reported, State, evaluate};
use slots::slot;
use wire::monitoring::Monitoring;
use wire::prime::TatMeasure;
use wire::{Config, Time, Verified};

/// Takes a TAT-Measure of its signer, who may be this server.
///
/// Rejects (naming the signer, nothing changed but what [`take`](super::take) counts), in this
/// precedence:
/// Rejects: `WrongView` if its view is not the preinstalled one;
/// Rejects: `Full` if [`take`](super::take), which is not asked before, answers false.
///
/// Otherwise, if its value is at least what `state.reported` of the signer counts for at `now`
/// ([`Reported::at`]), `state.reported` of the signer becomes it, heard at `now`, in both modes, and
/// [`evaluate`] follows. A lower value changes nothing more.
///
/// An equal value must renew what is held, or what its signer goes on to say would be forgotten. A
/// TAT-Measure carries no count, so an old one of this view that somebody passes on renews it, too, or
/// takes its place again once it was forgotten. What that can do is bounded: the value was its signer's
/// own in this view, so that at worst the largest of the view counts to its end, which is the report's
/// own rule; only a correct leader that was slow to many at different times may then be voted out that
/// robust mode would have spared.
///
/// Invariant: what a signer said cannot be made less by anybody who passes on its older words, nor more
/// than it said in this view.
/// Paper: 4.2, Figure 4, D4 to D6. Deviation: in robust mode values are forgotten after a while; equal
/// ones are taken.
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
