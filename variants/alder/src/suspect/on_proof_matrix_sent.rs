//! The leader is asked for a Pre-Prepare.

use prime::suspect::{Awaited, MAX_OPEN, Measurement, State};
use wire::prime::Matrix;
use wire::{Config, Monitoring, Time};

/// Whether one of `open` is for `matrix`.
fn asked_before(open: &[Measurement], matrix: &Matrix) -> bool {
    for measurement in open {
        if let Awaited::Matrix(asked) = &measurement.awaited {
            if asked.same(matrix) {
                return true;
            }
        }
    }
    false
}

/// Begins to measure how long the leader takes to cover `matrix`.
pub fn on_proof_matrix_sent(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    matrix: &Matrix,
) {
    if config.leader_of(state.view) == state.me {
        return;
    }
    if state.open.len() >= MAX_OPEN {
        return;
    }
    if asked_before(&state.open, matrix) {
        return;
    }

    state.open.push(Measurement { since: now, awaited: Awaited::Matrix(matrix.clone()) });
    if state.watch_at.is_none() {
        if let Some(stall_min) = rules.stall_min {
            state.watch_at = Some(Time(now.0.saturating_add(stall_min)));
        }
    }
}
