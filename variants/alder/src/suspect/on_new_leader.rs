//! Somebody votes for a new leader.

use prime::suspect::{Effects, State};
use wire::prime::NewLeader;
use wire::{Config, Reject, Verified};

/// Counts a vote, and elects whom enough voted for.
pub fn on_new_leader(
    state: &mut State,
    config: &Config,
    message: &Verified<NewLeader>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let view = message.body().view;
    let reached = state.reached();

    if view <= reached {
        effects.reject(signer, Reject::Stale);
        return;
    }
    // Id 0 has no row, nor has one above the last.
    let row = usize::from(signer.0).wrapping_sub(1);
    let Some(slot) = state.votes.get_mut(row) else {
        effects.reject(signer, Reject::NotEntitled);
        return;
    };
    if let Some(held) = slot {
        if held.body().view >= view {
            effects.reject(signer, Reject::Duplicate);
            return;
        }
    }

    *slot = Some(message.clone());
    if let Some(proof) = prime::suspect::elected(config, &state.votes, reached) {
        prime::suspect::elect(state, proof, effects);
    }
}
