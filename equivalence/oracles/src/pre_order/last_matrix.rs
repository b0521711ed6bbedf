//! What `pre_order.last_matrix` must answer.

use crate::Finding;
use prime::pre_order::State;
use wire::prime::Matrix;
use wire::{List, Verified};

/// `Last_PO_Aru` as a proof matrix (4.1, "Global Ordering Phase").
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(state: &State, result: &Matrix) -> Result<(), Finding> {
    let held = state.rows.iter().map(|row| row.as_ref().map(Verified::signed));
    if held.eq(result.rows.iter().map(Option::as_ref)) {
        return Ok(());
    }
    crate::answer(
        "pre_order.last_matrix: row i is the row held of server i, or null",
        &expected(state),
        result,
    )
}

/// Row i is the row held of server i.
pub(super) fn expected(state: &State) -> Matrix {
    let mut rows = state.rows.iter().map(|row| row.as_ref().map(|row| row.signed().clone()));
    Matrix { rows: List::take(&mut rows) }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{aru, matrix, state, trips};

    #[test]
    fn row_i_is_the_row_of_server_i_or_null() {
        let mut state = state();
        state.rows[1] = Some(aru(2, &[1, 0, 0, 0]));
        assert_eq!(check(&state, &matrix(&[&[], &[1, 0, 0, 0], &[], &[]])), Ok(()));
        trips(check(&state, &matrix(&[&[], &[], &[], &[]])), "last_matrix");
        trips(check(&state, &matrix(&[&[], &[1, 0, 0, 0]])), "last_matrix");
        trips(check(&state, &matrix(&[&[1, 0, 0, 0], &[], &[], &[]])), "last_matrix");
    }
}
