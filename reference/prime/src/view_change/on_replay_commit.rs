//! A Replay-Commit arrives.

use crate::view_change::{Effects, State};
use crate::votes::keep_first;
use slots::slot;
use wire::prime::ReplayCommit;
use wire::{Config, Verified};

/// Keeps the first Replay-Commit of its signer in a view.
///
/// Rejects (naming the signer, nothing changed, no round made), in this precedence:
/// Rejects: what `state.outside` says of its view, if anything;
/// Rejects: `Duplicate` if one of this signer with the same digest is held;
/// Rejects: `Equivocation` if one of this signer with another digest is held (the first stays).
///
/// Otherwise it enters the round's `commits` under its signer, whether or not the Replay has come.
///
/// Paper: 5.3, "Replay Phase". Deviation: none.
///
/// Invariant: a vote that a round holds under a signer is never replaced; nothing but rejects is
/// emitted.
#[slot(view_change.on_replay_commit)]
pub fn on_replay_commit(
    state: &mut State,
    _config: &Config,
    message: &Verified<ReplayCommit>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let body = message.body();
    if let Some(reason) = state.outside(body.view) {
        return effects.reject(sender, reason);
    }
    let round = state.rounds.entry(body.view).or_default();
    if let Err(reason) = keep_first(&mut round.commits, sender, message.clone()) {
        effects.reject(sender, reason);
    }
}
