//! A Replay-Prepare arrives.

use crate::view_change::{Effects, State};
use crate::votes::keep_first;
use slots::slot;
use wire::prime::ReplayPrepare;
use wire::{Config, Reject, Verified};

/// Keeps the first Replay-Prepare of its signer in a view.
///
/// Rejects (naming the signer, nothing changed, no round made), in this precedence:
/// Rejects: what `state.outside` says of its view, if anything;
/// Rejects: `NotEntitled` if its signer is that view's leader, whose Replay is its vote;
/// Rejects: `Duplicate` if one of this signer with the same digest is held;
/// Rejects: `Equivocation` if one of this signer with another digest is held (the first stays).
///
/// Otherwise it enters the round's `prepares` under its signer, whether or not the Replay has come.
///
/// Paper: 5.3, "Replay Phase". Deviation: none.
///
/// Invariant: a vote that a round holds under a signer is never replaced, and none is ever the
/// leader's; nothing but rejects is emitted.
#[slot(view_change.on_replay_prepare)]
pub fn on_replay_prepare(
    state: &mut State,
    config: &Config,
    message: &Verified<ReplayPrepare>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let body = message.body();
    if let Some(reason) = state.outside(body.view) {
        return effects.reject(sender, reason);
    }
    if sender == config.leader_of(body.view) {
        return effects.reject(sender, Reject::NotEntitled);
    }
    let round = state.rounds.entry(body.view).or_default();
    if let Err(reason) = keep_first(&mut round.prepares, sender, message.clone()) {
        effects.reject(sender, reason);
    }
}
