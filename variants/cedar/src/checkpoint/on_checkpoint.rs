//! Counts a Checkpoint.

use prime::checkpoint::{MAX_VOTES, State, is_due};
use prime::view_change::Effects;
use wire::prime::Checkpoint;
use wire::{Config, Reject, Verified};

/// Counts it; whether it is the one that makes f+1 servers vouch for its state.
pub fn on_checkpoint(
    state: &mut State,
    config: &Config,
    message: &Verified<Checkpoint>,
    effects: &mut Effects,
) -> bool {
    let signer = message.signer();
    let name = message.body().state;
    if let Some(reason) = against(state, config, message) {
        effects.reject(signer, reason);
        return false;
    }
    if let Some(held) = state.votes.get_mut(usize::from(signer.0).wrapping_sub(1)) {
        held.insert(name.seq, message.clone());
        for _ in MAX_VOTES..held.len() {
            held.pop_first();
        }
    }
    let vouching = state
        .votes
        .iter()
        .filter_map(|held| held.get(&name.seq))
        .filter(|vote| vote.body().state == name)
        .count();
    vouching == config.one_correct()
}

fn against(state: &State, config: &Config, message: &Verified<Checkpoint>) -> Option<Reject> {
    let name = message.body().state;
    let held = state.votes.get(usize::from(message.signer().0).wrapping_sub(1));
    let same_number = held.and_then(|held| held.get(&name.seq)).map(|vote| vote.body().state);
    let below_all = held.is_some_and(|held| {
        held.len() >= MAX_VOTES && held.first_key_value().is_some_and(|(low, _)| name.seq < *low)
    });
    let guards = [
        (!is_due(config, name.seq), Reject::Invalid),
        (name.seq <= state.stable || below_all, Reject::Stale),
        (same_number == Some(name), Reject::Duplicate),
        (same_number.is_some(), Reject::Equivocation),
        (held.is_none(), Reject::NotEntitled),
    ];
    guards.into_iter().find_map(|(holds, reason)| holds.then_some(reason))
}
