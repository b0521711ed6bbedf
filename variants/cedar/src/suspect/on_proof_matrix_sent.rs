//! Begins to measure how long the leader takes to cover a matrix.

use prime::suspect::{Awaited, MAX_OPEN, Measurement, State};
use wire::monitoring::Monitoring;
use wire::prime::Matrix;
use wire::{Config, Time};

/// Begins a measurement, unless there is reason not to.
pub fn on_proof_matrix_sent(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    matrix: &Matrix,
) {
    let guards: [fn(&State, &Config, &Matrix) -> bool; 3] = [leads, full, awaited];
    if guards.iter().any(|against| against(state, config, matrix)) {
        return;
    }
    state.open.push(Measurement { since: now, awaited: Awaited::Matrix(matrix.clone()) });
    if let (None, Some(least)) = (state.watch_at, rules.stall_min) {
        state.watch_at = Some(Time(now.0.saturating_add(least)));
    }
}

fn leads(state: &State, config: &Config, _matrix: &Matrix) -> bool {
    config.leader_of(state.view) == state.me
}

fn full(state: &State, _config: &Config, _matrix: &Matrix) -> bool {
    state.open.len() >= MAX_OPEN
}

/// Whether the same is awaited already; the youngest are looked at first.
fn awaited(state: &State, _config: &Config, matrix: &Matrix) -> bool {
    state.open.iter().rev().any(|it| match &it.awaited {
        Awaited::Matrix(other) => other.same(matrix),
        Awaited::Replay(_) => false,
    })
}
