//! The leader sent a Replay.

use prime::suspect::{Awaited, State};
use wire::{Monitoring, Time};

/// Ends the measurement for a Replay, if there is one.
pub fn on_replay(state: &mut State, rules: &Monitoring, now: Time) {
    let mut found: Option<(usize, u64)> = None;
    let mut place = 0usize;
    for measurement in &state.open {
        if let Awaited::Replay(_) = &measurement.awaited {
            found = Some((place, now.0.saturating_sub(measurement.since.0)));
            break;
        }
        place += 1;
    }

    state.replay_asked = true;
    if let Some((place, age)) = found {
        state.open.remove(place);
        prime::suspect::keep_sample(state, rules, now, age);
    }
    if state.open.is_empty() {
        state.watch_at = None;
    }
}
