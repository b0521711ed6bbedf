//! `suspect.on_replay`: some valid Replay came.

use prime::suspect::{Awaited, Measurement, State, keep_sample};
use wire::Time;
use wire::monitoring::Monitoring;

/// Ends the measurement for a Replay; none begins in this view any more.
pub fn on_replay(state: &mut State, rules: &Monitoring, now: Time) {
    let (ended, open): (Vec<Measurement>, Vec<Measurement>) = std::mem::take(&mut state.open)
        .into_iter()
        .partition(|waiting| matches!(waiting.awaited, Awaited::Replay(_)));
    state.replay_asked = true;
    state.watch_at = state.watch_at.filter(|_| !open.is_empty());
    state.open = open;
    ended.iter().for_each(|done| keep_sample(state, rules, now, now.since(done.since)));
}
