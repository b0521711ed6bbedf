//! `suspect.on_proof_matrix_sent`: the leader owes a Pre-Prepare that covers this.

use prime::suspect::{Awaited, MAX_OPEN, Measurement, State};
use wire::monitoring::Monitoring;
use wire::prime::Matrix;
use wire::{Config, Time};

/// Begins a measurement, unless this server leads or too many are under way.
pub fn on_proof_matrix_sent(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    matrix: &Matrix,
) {
    if state.me != config.leader_of(state.view) && state.open.len() < MAX_OPEN {
        state.open.push(Measurement { since: now, awaited: Awaited::Matrix(matrix.clone()) });
        state.watch_at = state.watch_at.or(rules.stall_min.map(|least| now.after(least)));
    }
}
