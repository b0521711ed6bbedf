//! Time for which this server itself did not run is not the leader's.

use crate::suspect::State;
use slots::slot;
use wire::Time;
use wire::monitoring::Monitoring;

/// Looks at the clock, at the beginning of every step.
///
/// Nothing happens unless `rules.stall_min` is set and `state.watch_at` is set and at or before `now`.
/// Then, if `now` is more than `stall_min` after `watch_at`, this server did not run from the one to the
/// other: the `since` of every open measurement grows by that time, or becomes `now` if that is earlier.
/// Either way `watch_at` becomes `now + stall_min`.
///
/// Example: `watch_at` 100, `stall_min` 10, `now` 150: since 80 becomes 130, since 120 becomes 150.
/// Paper: none. Deviation: none.
///
/// Invariant: no measurement begins later than `now`, and none is made older; nothing is emitted.
/// Invariant: while the clock is looked at often enough, nothing but `watch_at` changes.
#[slot(suspect.exclude_stall)]
pub fn exclude_stall(state: &mut State, rules: &Monitoring, now: Time) {
    let (Some(watch), Some(least)) = (state.watch_at, rules.stall_min) else { return };
    if now < watch {
        return;
    }
    let late = now.since(watch);
    if late > least {
        for one in &mut state.open {
            one.since = one.since.after(late).min(now);
        }
    }
    state.watch_at = Some(now.after(least));
}
