//! `Last_PO_Aru` in the form in which it is sent.

use prime::pre_order::State;
use wire::List;
use wire::prime::Matrix;

/// Copies the PO-ARU held of each server into the row of that server; null where none is held.
pub fn last_matrix(state: &State) -> Matrix {
    let n = state.rows.len();
    let mut rows = Vec::with_capacity(n);
    for i in 0..n {
        rows.push(match &state.rows[i] {
            Some(row) => Some(row.signed().clone()),
            None => None,
        });
    }
    match List::new(rows) {
        Ok(rows) => Matrix { rows },
        Err(_) => unreachable!("a cluster has at most MAX_REPLICAS servers"),
    }
}
