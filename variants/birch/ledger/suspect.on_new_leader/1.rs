//! `suspect.on_new_leader`: votes, the highest of each server; a quorum elects.

use prime::suspect::{Effects, State, elect, elected};
use wire::prime::NewLeader;
use wire::{Config, ReplicaId, Verified};

/// The row of `id`, if it may have one.
fn row(id: ReplicaId) -> Option<usize> {
    usize::from(id.0).checked_sub(1)
}

/// Whether `message` says more than what is held of its signer.
fn counts(state: &State, held: Option<&Verified<NewLeader>>, message: &Verified<NewLeader>) -> bool {
    message.body().view > held.map_or(state.view, |vote| vote.body().view.max(state.view))
}

/// Counts a vote.
pub fn on_new_leader(
    state: &mut State,
    config: &Config,
    message: &Verified<NewLeader>,
    effects: &mut Effects,
) {
    let place = row(message.signer()).filter(|&place| {
        state.votes.get(place).is_some_and(|held| counts(state, held.as_ref(), message))
    });
    let Some(held) = place.and_then(|place| state.votes.get_mut(place)) else {
        return;
    };
    *held = Some(message.clone());
    if let Some(proof) = elected(config, &state.votes, state.reached()) {
        elect(state, proof, effects);
    }
}
