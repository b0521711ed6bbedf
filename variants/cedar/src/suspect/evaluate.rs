//! Judges the leader.

use prime::suspect::{Effects, State, tat_acceptable, tat_leader, vote};
use wire::monitoring::Monitoring;
use wire::{Config, Time};

/// Votes if the leader is slower than what is acceptable.
pub fn evaluate(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    effects: &mut Effects,
) {
    let counts: Vec<u64> = state.reported.iter().map(|reported| reported.at(rules, now)).collect();
    let excess = tat_leader(config, &counts).checked_sub(tat_acceptable(config, &state.bounds));
    match excess {
        None | Some(0) => {}
        Some(_) => vote(state, effects),
    }
}
