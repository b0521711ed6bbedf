//! Time in which this server itself stood still is taken out of what it measures.

use prime::suspect::State;
use wire::{Monitoring, Time};

/// Looks at the clock; moves open measurements on by a gap longer than `stall_min`.
pub fn exclude_stall(state: &mut State, rules: &Monitoring, now: Time) {
    let Some(stall_min) = rules.stall_min else {
        return;
    };
    let Some(watch_at) = state.watch_at else {
        return;
    };
    if watch_at > now {
        return;
    }
    // No underflow: `watch_at` is at or before `now`.
    let gap = now.0 - watch_at.0;

    if gap > stall_min {
        for measurement in &mut state.open {
            let moved = measurement.since.0.saturating_add(gap);
            measurement.since = if moved < now.0 { Time(moved) } else { now };
        }
    }
    state.watch_at = Some(Time(now.0.saturating_add(stall_min)));
}
