//! What was said about the lowest unordered numbers is said again.

use std::ops::Bound;

use prime::order::{Effects, State};
use wire::{Config, Effect, Time, To};

/// How many numbers are looked at, times N.
const LOWEST: usize = 256;

/// Sends again what this server said about the lowest unordered numbers.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));

    let most = LOWEST / config.size();
    let mut taken = 0_usize;
    for (seq, slot) in state.slots.range((Bound::Excluded(state.ordered), Bound::Unbounded)) {
        if taken == most {
            return;
        }
        taken += 1;
        if *seq <= state.accepted
            && let Some(message) = &slot.pre_prepare
        {
            effects.push(Effect::Relay { to: To::Others, message: message.clone().into() });
        }
        if let Some(vote) = slot.prepares.get(&state.me) {
            effects.push(Effect::Relay { to: To::Others, message: vote.clone().into() });
        }
        if let Some(vote) = slot.commits.get(&state.me) {
            effects.push(Effect::Relay { to: To::Others, message: vote.clone().into() });
        }
    }
}
