//! A Replay arrives, from the leader or flooded.

use crate::view_change::{Effects, State, proven};
use slots::slot;
use wire::prime::{Replay, ReplayConflict};
use wire::{Config, Reject, To, Verified};

/// Takes a Replay of its signer.
///
/// Rejects (naming the signer, nothing changed unless said, no round made), in this precedence:
/// Rejects: what `state.outside` says of its view, if anything;
/// Rejects: `NotEntitled` if its signer is not that view's leader;
/// Rejects: `Duplicate` if the round's `replay` has the same digest;
/// Rejects: `Equivocation` if it has another digest. The one held stays. In this case only, and only
/// if the round's `accused` is false, it is set and a `ReplayConflict` (first: the one held, second:
/// this one) is emitted as `Send` to `To::All` before the reject;
/// Rejects: `Invalid` unless its constraint is proven ([`proven`]).
///
/// Otherwise it becomes the round's `replay` (the round made if need be). What follows is
/// [`make_replay_prepare`](super::make_replay_prepare)'s.
///
/// Paper: 5.3, "Replay Phase". Deviation: none.
///
/// Invariant: the Replay held in a round is never replaced by another; a leader is accused at most
/// once in a round.
#[slot(view_change.on_replay)]
pub fn on_replay(
    state: &mut State,
    config: &Config,
    message: &Verified<Replay>,
    effects: &mut Effects,
) {
    let leader = message.signer();
    let Replay { constraint, proof } = message.body();
    if let Some(reason) = state.outside(constraint.view) {
        return effects.reject(leader, reason);
    }
    if leader != config.leader_of(constraint.view) {
        return effects.reject(leader, Reject::NotEntitled);
    }
    if let Some(round) = state.rounds.get_mut(&constraint.view)
        && let Some(held) = &round.replay
    {
        if held.digest() == message.digest() {
            return effects.reject(leader, Reject::Duplicate);
        }
        if !round.accused {
            round.accused = true;
            let (first, second) = (held.signed().clone(), message.signed().clone());
            effects.send(To::All, ReplayConflict { first, second });
        }
        return effects.reject(leader, Reject::Equivocation);
    }
    if !proven(config, constraint, proof) {
        return effects.reject(leader, Reject::Invalid);
    }
    state.rounds.entry(constraint.view).or_default().replay = Some(message.clone());
}
