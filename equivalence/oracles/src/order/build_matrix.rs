//! What `order.build_matrix` must answer.

use crate::Finding;
use crate::pre_order::definitions::{at_least_as_up_to_date, row};
use prime::pre_order::State;
use wire::List;
use wire::prime::Matrix;

/// What a leader knows of pre-ordering.
pub(super) type PreOrder = State;

/// The leader's `Last_PO_Aru`, row by row no older than before.
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(pre_order: &PreOrder, preceding: &Matrix, got: &Matrix) -> Result<(), Finding> {
    let rule =
        "order.build_matrix: row i of Last_PO_Aru if not behind that of `preceding`, else that";
    crate::answer(rule, &expected(pre_order, preceding), got)
}

/// Row i of `Last_PO_Aru` where it is at least as up to date as the preceding one, else that.
pub(super) fn expected(pre_order: &PreOrder, preceding: &Matrix) -> Matrix {
    let rows = pre_order.rows.iter().enumerate().map(|(i, last)| {
        let last = last.as_ref().map(|last| last.signed().clone());
        let fresh = last.filter(|last| at_least_as_up_to_date(&last.body.vec, row(preceding, i)));
        fresh.or_else(|| preceding.rows.get(i).cloned().flatten())
    });
    Matrix { rows: List::new(rows.collect()).expect("as many rows as servers") }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{matrix, trips};
    use crate::pre_order::kit::{aru, state};

    #[test]
    fn the_newest_rows_that_are_not_behind() {
        let mut pre_order = state();
        pre_order.rows[0] = Some(aru(1, &[2, 0, 0, 0]));
        pre_order.rows[1] = Some(aru(2, &[3, 0, 0, 0]));
        pre_order.rows[2] = Some(aru(3, &[0, 0, 0, 0]));
        let old = matrix(&[&[1, 0, 0, 0], &[2, 2, 0, 0], &[], &[1, 1, 1, 1]]);
        let right = matrix(&[&[2, 0, 0, 0], &[2, 2, 0, 0], &[0, 0, 0, 0], &[1, 1, 1, 1]]);
        assert_eq!(check(&pre_order, &old, &right), Ok(()));
        for wrong in [
            matrix(&[&[1, 0, 0, 0], &[2, 2, 0, 0], &[0, 0, 0, 0], &[1, 1, 1, 1]]),
            matrix(&[&[2, 0, 0, 0], &[3, 0, 0, 0], &[0, 0, 0, 0], &[1, 1, 1, 1]]),
            matrix(&[&[2, 0, 0, 0], &[3, 2, 0, 0], &[0, 0, 0, 0], &[1, 1, 1, 1]]),
            matrix(&[&[2, 0, 0, 0], &[2, 2, 0, 0], &[], &[1, 1, 1, 1]]),
            matrix(&[&[2, 0, 0, 0], &[2, 2, 0, 0], &[0, 0, 0, 0], &[]]),
        ] {
            trips(check(&pre_order, &old, &wrong), "order.build_matrix");
        }
    }
}
