//! The rows held, as a matrix.

use prime::pre_order::State;
use wire::List;
use wire::prime::Matrix;

/// Copies the most up-to-date PO-ARU of each server into its row; null where none is held.
pub fn last_matrix(state: &State) -> Matrix {
    let mut rows = state.rows.iter().map(|row| row.as_ref().map(|held| held.signed().clone()));
    Matrix { rows: List::take(&mut rows) }
}
