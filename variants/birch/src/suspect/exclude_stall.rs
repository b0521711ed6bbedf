//! `suspect.exclude_stall`: time in which this server did not run is not the leader's.

use prime::suspect::State;
use wire::Time;
use wire::monitoring::Monitoring;

/// How long this server did not run, if it was due to look at its clock.
fn stalled(least: u64, due: Time, now: Time) -> u64 {
    Some(now.since(due)).filter(|&late| late > least).unwrap_or(0)
}

/// Looks at the clock.
pub fn exclude_stall(state: &mut State, rules: &Monitoring, now: Time) {
    let looked = rules.stall_min.zip(state.watch_at.filter(|&due| due <= now));
    if let Some((least, due)) = looked {
        let late = stalled(least, due, now);
        if late > 0 {
            state.open.iter_mut().for_each(|open| open.since = open.since.after(late).min(now));
        }
        state.watch_at = Some(now.after(least));
    }
}
