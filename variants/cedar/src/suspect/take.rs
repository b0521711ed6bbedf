//! Counts what is taken of each server.

use prime::suspect::{State, allowance};
use wire::monitoring::Monitoring;
use wire::{Config, ReplicaId, Time};

/// Whether one more message of `sender` may be taken; counts it if so.
pub fn take(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    sender: ReplicaId,
) -> bool {
    if now.0.saturating_sub(state.counted_from.0) >= rules.period {
        state.counted_from = now;
        state.taken.fill(0);
    }
    let most = allowance(config);
    let left = state
        .taken
        .get_mut(usize::from(sender.0).wrapping_sub(1))
        .filter(|count| **count < most);
    match left {
        Some(count) => {
            *count = count.saturating_add(1);
            true
        }
        None => false,
    }
}
