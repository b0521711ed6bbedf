//! `suspect.on_new_leader`: votes, the highest of each server; a quorum elects.

use prime::suspect::{Effects, State, elect, elected};
use wire::prime::NewLeader;
use wire::{Config, Reject, ReplicaId, Verified};

/// The row of `id`, if it may have one.
fn row(id: ReplicaId) -> Option<usize> {
    usize::from(id.0).checked_sub(1)
}

/// Whether `message` says more than what is held of its signer, and asks for a view not reached yet.
fn judge(state: &State, message: &Verified<NewLeader>) -> Result<(), Reject> {
    let view = message.body().view;
    let held = row(message.signer()).and_then(|place| state.votes.get(place)?.as_ref());
    if view <= state.reached() {
        Err(Reject::Stale)
    } else if held.is_some_and(|vote| vote.body().view >= view) {
        Err(Reject::Duplicate)
    } else {
        Ok(())
    }
}

/// Counts a vote.
pub fn on_new_leader(
    state: &mut State,
    config: &Config,
    message: &Verified<NewLeader>,
    effects: &mut Effects,
) {
    if let Err(reason) = judge(state, message) {
        effects.reject(message.signer(), reason);
        return;
    }
    let Some(held) = row(message.signer()).and_then(|place| state.votes.get_mut(place)) else {
        return;
    };
    *held = Some(message.clone());
    if let Some(proof) = elected(config, &state.votes, state.reached()) {
        elect(state, proof, effects);
    }
}
