//! Whether the leader is slower than others would be.

use prime::suspect::{Effects, State};
use wire::{Config, Monitoring, Time};

/// Votes for a new leader if what counts of the reports exceeds what is acceptable.
pub fn evaluate(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    effects: &mut Effects,
) {
    let mut counts: Vec<u64> = Vec::with_capacity(state.reported.len());
    for reported in &state.reported {
        counts.push(reported.at(rules, now));
    }
    let found = prime::suspect::tat_leader(config, &counts);
    let most = prime::suspect::tat_acceptable(config, &state.bounds);

    if found > most {
        prime::suspect::vote(state, effects);
    }
}
