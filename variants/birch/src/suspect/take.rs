//! `suspect.take`: so many messages of each server in a period.

use prime::suspect::{State, allowance};
use wire::monitoring::Monitoring;
use wire::{Config, ReplicaId, Time};

/// Whether one more of `sender` may be taken, which is counted then.
pub fn take(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    sender: ReplicaId,
) -> bool {
    if now >= state.counted_from.after(rules.period) {
        state.counted_from = now;
        state.taken.iter_mut().for_each(|count| *count = 0);
    }
    let most = allowance(config);
    usize::from(sender.0)
        .checked_sub(1)
        .and_then(|place| state.taken.get_mut(place))
        .filter(|count| **count < most)
        .map(|count| *count += 1)
        .is_some()
}
