//! The leader was asked to cover a matrix.

use crate::suspect::{Awaited, MAX_OPEN, Measurement, State};
use slots::slot;
use wire::monitoring::Monitoring;
use wire::prime::Matrix;
use wire::{Config, Time};

/// Begins to measure how long the leader of the preinstalled view, which must be installed, takes to
/// cover `matrix`, which this server sends it now as a Proof-Matrix.
///
/// Nothing happens if this server leads the view, if [`MAX_OPEN`] measurements are open, or if one of
/// them is for the same matrix (`Matrix::same`): saying it again asks for nothing new. Otherwise a
/// measurement since `now` is added at the end of `state.open`, and `watch_at`, if it is `None`, becomes
/// `now + rules.stall_min`, if there is such.
///
/// Invariant: the oldest open measurement is never given up for a younger one.
/// Paper: 4.2, "Suspect-Leader Protocol", and Figure 4, block D. Deviation: a bounded number.
#[slot(suspect.on_proof_matrix_sent)]
pub fn on_proof_matrix_sent(
    state: &mut State,
    config: &Config,
    rules: &Monitoring,
    now: Time,
    matrix: &Matrix,
) {
    let asked = |one: &Measurement| matches!(&one.awaited, Awaited::Matrix(m) if m.same(matrix));
    let leads = config.leader_of(state.view) == state.me;
    if leads || state.open.len() >= MAX_OPEN || state.open.iter().any(asked) {
        return;
    }
    state.open.push(Measurement { since: now, awaited: Awaited::Matrix(matrix.clone()) });
    state.watch_at = state.watch_at.or_else(|| rules.stall_min.map(|least| now.after(least)));
}
