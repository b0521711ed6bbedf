//! What a leader proposes.

use crate::pre_order::{self, Relation, relation};
use slots::slot;
use wire::List;
use wire::prime::Matrix;

/// Builds the matrix that a leader proposes after `preceding`.
///
/// Row i is the row of `Last_PO_Aru` (`pre_order.rows[i]`) if there is one and it is at least as up to
/// date as row i of `preceding` (where a null row counts as zeros), else row i of `preceding`, null or
/// not. The result has N rows. At least as up to date is as in `pre_order::relation`: same or newer.
///
/// Requires: `preceding` has N rows.
/// Invariant: every row is at least as up to date as the preceding one.
/// Paper: 4.1, "Global Ordering Phase". Deviation: falls back row by row, because a server that
/// signed inconsistent PO-ARUs may have left a newer-looking row here than in the matrix before.
#[slot(order.build_matrix)]
pub fn build_matrix(pre_order: &pre_order::State, preceding: &Matrix) -> Matrix {
    assert_eq!(preceding.rows.len(), pre_order.rows.len());
    let rows = pre_order.rows.iter().zip(preceding.rows.iter()).map(|(last, old)| {
        let Some(last) = last else { return old.clone() };
        let known = old.as_ref().map_or(&[][..], |row| &row.body.vec);
        match relation(&last.body().vec, known) {
            Relation::Same | Relation::Newer => Some(last.signed().clone()),
            Relation::Older | Relation::Inconsistent => old.clone(),
        }
    });
    Matrix { rows: List::new(rows.collect()).expect("n is at most MAX_REPLICAS") }
}
