//! `suspect.evaluate`: block E.

use prime::suspect::{Effects, State, tat_acceptable, tat_leader, vote};
use wire::{Config, Time};
use wire::monitoring::Monitoring;

/// Votes if the leader is slower than it may be.
pub fn evaluate(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    effects: &mut Effects,
) {
    let reported: Vec<u64> = state.reported.iter().map(|row| row.at(rules, now)).collect();
    if tat_leader(config, &reported) > tat_acceptable(config, &state.bounds) {
        vote(state, effects);
    }
}
