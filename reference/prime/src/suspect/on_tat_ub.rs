//! Somebody announces how slow anybody could find it.

use crate::suspect::admit::admit;
use crate::suspect::{Effects, State, evaluate};
use slots::slot;
use wire::monitoring::Monitoring;
use wire::prime::TatUb;
use wire::{Config, Time, Verified};

/// Takes a TAT-UB of its signer, who may be this server.
///
/// Rejects (naming the signer, nothing changed but what [`take`](super::take) counts), in this
/// precedence:
/// Rejects: `WrongView` if its view is not the preinstalled one;
/// Rejects: `Full` if [`take`](super::take), which is not asked before, answers false.
///
/// Otherwise, if its alpha is below `state.bounds` of the signer, it takes its place and [`evaluate`]
/// follows.
///
/// Paper: 4.2, Figure 4, C5 to C7. Deviation: none.
///
/// Invariant: within a view an entry of `bounds` only falls, and only the signer's changes.
#[slot(suspect.on_tat_ub)]
pub fn on_tat_ub(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    message: &Verified<TatUb>,
    effects: &mut Effects,
) {
    let (sender, body) = (message.signer(), message.body());
    if let Err(reason) = admit(state, config, rules, now, (sender, body.view), true) {
        return effects.reject(sender, reason);
    }
    let held = &mut state.bounds[sender.index()];
    if body.alpha < *held {
        *held = body.alpha;
        evaluate(state, config, rules, now, effects);
    }
}
