//! As many measurements, under way or kept, as there may be, and several that are equal.

use super::Stage;
use prime::suspect::{Awaited, MAX_OPEN, Measurement, State};
use wire::monitoring::{MAX_SAMPLES, Mode, Monitoring};
use wire::prime::Matrix;
use wire::{List, Time};

/// A matrix is asked for while as many are, or one less.
pub(super) fn on_proof_matrix_sent(stage: &mut Stage<'_>) {
    let (state, args) = stage.call::<State, (Monitoring, Time, Matrix)>();
    let (_, now, matrix) = args;
    let rows = List::new(vec![None; stage.hand.config.size()]);
    let other = Matrix { rows: rows.expect("n is at most MAX_REPLICAS") };
    if other.same(matrix) {
        return;
    }
    let one = Measurement { since: *now, awaited: Awaited::Matrix(other) };
    for count in [MAX_OPEN - 1, MAX_OPEN] {
        let open = vec![one.clone(); count];
        let state = State { open, watch_at: Some(*now), ..state.clone() };
        stage.edge("as many as may be", "suspect.on_proof_matrix_sent", state, args.clone());
    }
}

/// A time is measured where as many are kept as may be, or one less, and several are the least; or some
/// are just too old.
pub(super) fn keep_sample(stage: &mut Stage<'_>) {
    let (state, (rules, _, _)) = stage.call::<State, (Monitoring, Time, u64)>();
    let window = 1 << 20;
    let mode = Mode::Robust { outliers: 1, window };
    let rules = Monitoring { mode, ..rules.clone() };
    let now = Time(2 * window);
    for count in [MAX_SAMPLES - 1, MAX_SAMPLES] {
        // The least, 5, are neither the first nor the last.
        let tat = |at: usize| if at % 7 == 3 { 5 } else { 6 + at as u64 % 5 };
        for ended in [now.0 - count as u64, now.0 - window - 2] {
            let mut state = state.clone();
            state.samples = (0..count).map(|at| (Time(ended + at as u64), tat(at))).collect();
            for tat in [4_u64, 5, 20] {
                let args = (rules.clone(), now, tat);
                stage.edge("as many as may be", "suspect.keep_sample", state.clone(), args);
            }
        }
    }
}
