//! The rows held, as a matrix.

use prime::pre_order::State;
use wire::List;
use wire::prime::Matrix;

/// Fills a matrix of null rows with those that are held.
pub fn last_matrix(state: &State) -> Matrix {
    let mut rows = vec![None; state.rows.len()];
    for (place, held) in rows.iter_mut().zip(&state.rows) {
        if let Some(row) = held {
            *place = Some(row.signed().clone());
        }
    }
    Matrix { rows: List::new(rows).expect("as many rows as replicas") }
}
