//! Counts a vote.

use prime::suspect::{Effects, State, elect, elected};
use wire::prime::NewLeader;
use wire::{Config, Reject, ReplicaId, Verified};

/// Counts the vote of its signer.
pub fn on_new_leader(
    state: &mut State,
    config: &Config,
    message: &Verified<NewLeader>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let view = message.body().view;
    let reached = state.reached();
    let held = state.votes.get(place(signer));
    let guards = [
        (view <= reached, Reject::Stale),
        (held.is_none(), Reject::NotEntitled),
        (held.and_then(Option::as_ref).is_some_and(|vote| vote.body().view >= view), Reject::Duplicate),
    ];
    if let Some((_, reason)) = guards.into_iter().find(|guard| guard.0) {
        effects.reject(signer, reason);
        return;
    }
    if let Some(slot) = state.votes.get_mut(place(signer)) {
        *slot = Some(message.clone());
    }
    if let Some(proof) = elected(config, &state.votes, reached) {
        elect(state, proof, effects);
    }
}

fn place(id: ReplicaId) -> usize {
    usize::from(id.0).wrapping_sub(1)
}
