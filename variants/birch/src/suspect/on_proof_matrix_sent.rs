//! `suspect.on_proof_matrix_sent`: the leader owes a Pre-Prepare that covers this.

use prime::suspect::{Awaited, MAX_OPEN, Measurement, State};
use wire::monitoring::Monitoring;
use wire::prime::Matrix;
use wire::{Config, Time};

/// Whether `awaited` is an answer to `matrix`.
fn asked(awaited: &Awaited, matrix: &Matrix) -> bool {
    match awaited {
        Awaited::Matrix(earlier) => earlier.same(matrix),
        Awaited::Replay(_) => false,
    }
}

/// Begins a measurement, unless this server leads, too many are under way, or one is for the same.
pub fn on_proof_matrix_sent(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    matrix: &Matrix,
) {
    let owed = state.me != config.leader_of(state.view)
        && state.open.len() < MAX_OPEN
        && !state.open.iter().any(|open| asked(&open.awaited, matrix));
    if owed {
        state.open.push(Measurement { since: now, awaited: Awaited::Matrix(matrix.clone()) });
        state.watch_at = state.watch_at.or(rules.stall_min.map(|least| now.after(least)));
    }
}
