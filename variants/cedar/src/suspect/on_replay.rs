//! Ends the measurement for a Replay.

use prime::suspect::{Awaited, State, keep_sample};
use wire::Time;
use wire::monitoring::Monitoring;

/// Ends the measurement for a Replay, whichever came; none is begun any more in this view.
pub fn on_replay(state: &mut State, rules: &Monitoring, now: Time) {
    state.replay_asked = true;
    let mut ended = Vec::new();
    state.open.retain(|it| {
        let over = matches!(it.awaited, Awaited::Replay(_));
        if over {
            ended.push(it.since);
        }
        !over
    });
    if state.open.is_empty() {
        state.watch_at = None;
    }
    for since in ended {
        keep_sample(state, rules, now, now.0.saturating_sub(since.0));
    }
}
