//! Somebody proves that the leader chose two things.

use crate::view_change::{Effects, State, convicts};
use slots::slot;
use wire::prime::ReplayConflict;
use wire::{Config, Effect, Reject, To, Verified};

/// Takes a proof that a leader signed two different Replays for one view.
///
/// Rejects (naming the proof's sender, nothing changed, no round made), in this precedence:
/// Rejects: `Invalid` unless both are of one signer and one view, with different digests, and the
/// signer is that view's leader ([`convicts`]);
/// Rejects: what `state.outside` says of the view, if anything;
/// Rejects: `Duplicate` if the round's `conflict` is held already.
///
/// Otherwise it becomes the round's `conflict`, and unless the round's `accused` is set already
/// (this server found it itself, or passed one on), that is set and the proof is passed on as it is:
/// `Relay` to `To::Others`. The vote for a new leader that must follow belongs to leader
/// monitoring.
///
/// Invariant: a correct leader is never proven faulty.
/// Paper: 5.3, last paragraph. Deviation: none.
#[slot(view_change.on_replay_conflict)]
pub fn on_replay_conflict(
    state: &mut State,
    config: &Config,
    message: &Verified<ReplayConflict>,
    effects: &mut Effects,
) {
    let Some(view) = convicts(config, message) else {
        return effects.reject(message.signer(), Reject::Invalid);
    };
    if let Some(reason) = state.outside(view) {
        return effects.reject(message.signer(), reason);
    }
    let round = state.rounds.entry(view).or_default();
    if round.conflict.is_some() {
        return effects.reject(message.signer(), Reject::Duplicate);
    }
    round.conflict = Some(message.clone());
    if !round.accused {
        round.accused = true;
        effects.push(Effect::Relay { to: To::Others, message: message.clone().into() });
    }
}
