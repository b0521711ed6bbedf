//! Somebody says what its state was.

use prime::checkpoint::{Effects, MAX_VOTES, State, is_due};
use wire::prime::Checkpoint;
use wire::{Config, Reject, Verified};

/// Counts a Checkpoint; returns whether it is the (f+1)-th held for its state.
pub fn on_checkpoint(
    state: &mut State,
    config: &Config,
    message: &Verified<Checkpoint>,
    effects: &mut Effects,
) -> bool {
    let signer = message.signer();
    let vouched = message.body().state;
    let number = vouched.seq;

    if !is_due(config, number) {
        effects.reject(signer, Reject::Invalid);
        return false;
    }
    if number <= state.stable {
        effects.reject(signer, Reject::Stale);
        return false;
    }
    let row = usize::from(signer.0).wrapping_sub(1);
    let Some(held) = state.votes.get_mut(row) else {
        effects.reject(signer, Reject::NotEntitled);
        return false;
    };
    if held.len() >= MAX_VOTES {
        if let Some((&lowest, _)) = held.first_key_value() {
            if number < lowest {
                effects.reject(signer, Reject::Stale);
                return false;
            }
        }
    }
    if let Some(before) = held.get(&number) {
        let reason = if before.body().state == vouched {
            Reject::Duplicate
        } else {
            Reject::Equivocation
        };
        effects.reject(signer, reason);
        return false;
    }

    held.insert(number, message.clone());
    if held.len() > MAX_VOTES {
        held.pop_first();
    }
    let mut count = 0usize;
    for votes in &state.votes {
        if let Some(vote) = votes.get(&number) {
            if vote.body().state == vouched {
                count += 1;
            }
        }
    }
    count == config.one_correct()
}
