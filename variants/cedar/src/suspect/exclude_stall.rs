//! Takes the time for which this server did not run out of what it measures.

use prime::suspect::State;
use wire::Time;
use wire::monitoring::Monitoring;

/// What looking at the clock shows.
enum Look {
    Idle,
    Rearm,
    Shift(u64),
}

/// Looks at the clock.
pub fn exclude_stall(state: &mut State, rules: &Monitoring, now: Time) {
    let (Some(least), Some(due)) = (rules.stall_min, state.watch_at) else {
        return;
    };
    let look = judge(now.0.checked_sub(due.0), least);
    let by = match look {
        Look::Idle => return,
        Look::Rearm => 0,
        Look::Shift(by) => by,
    };
    if by > 0 {
        for measurement in &mut state.open {
            measurement.since = Time(measurement.since.0.saturating_add(by).min(now.0));
        }
    }
    let next = Time(now.0.saturating_add(least));
    state.watch_at = (!state.open.is_empty()).then_some(next);
}

fn judge(late: Option<u64>, least: u64) -> Look {
    match late {
        None => Look::Idle,
        Some(late) if late > least => Look::Shift(late),
        Some(_) => Look::Rearm,
    }
}
