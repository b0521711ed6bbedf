//! `Last_PO_Aru` as a proof matrix.

use crate::pre_order::State;
use slots::slot;
use wire::List;
use wire::prime::Matrix;

/// Returns `Last_PO_Aru` as a matrix of N rows: row i is the row held of server i, or null.
///
/// Invariant: row i is signed by server i.
/// Paper: 4.1, "Global Ordering Phase" (proof matrix). Deviation: none.
#[slot(pre_order.last_matrix)]
pub fn last_matrix(state: &State) -> Matrix {
    let rows = state.rows.iter().map(|row| row.as_ref().map(|row| row.signed().clone()));
    Matrix { rows: List::new(rows.collect()).expect("n is at most MAX_REPLICAS") }
}
