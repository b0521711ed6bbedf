//! Whether the leader is to be replaced.

use crate::suspect::{Effects, State, tat_acceptable, tat_leader, vote};
use slots::slot;
use wire::monitoring::Monitoring;
use wire::{Config, Time};

/// Votes for a new leader ([`vote`]) if [`tat_leader`] of what `state.reported` counts for at `now`
/// exceeds [`tat_acceptable`] of `state.bounds`; not if they are equal.
///
/// Paper: 4.2, Figure 4, block E. Deviation: at every change, not periodically.
///
/// Invariant: at most one vote for a new leader in each view, whatever is measured; nothing is
/// measured anew.
#[slot(suspect.evaluate)]
pub fn evaluate(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    effects: &mut Effects,
) {
    let reported: Vec<u64> = state.reported.iter().map(|one| one.at(rules, now)).collect();
    if tat_leader(config, &reported) > tat_acceptable(config, &state.bounds) {
        vote(state, effects);
    }
}
