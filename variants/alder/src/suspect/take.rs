//! How much is taken of one server.

use prime::suspect::{State, allowance};
use wire::{Config, Monitoring, ReplicaId, Time};

/// Whether one more message of `sender` may be taken; counts it if so.
pub fn take(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    sender: ReplicaId,
) -> bool {
    let most = allowance(config);
    let row = usize::from(sender.0).wrapping_sub(1);

    if now.0.saturating_sub(state.counted_from.0) >= rules.period {
        state.counted_from = now;
        state.taken.fill(0);
    }
    let Some(count) = state.taken.get_mut(row) else {
        return false;
    };
    if *count >= most {
        return false;
    }
    *count += 1;
    true
}
