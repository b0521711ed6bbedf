//! `Last_PO_Aru` as a proof matrix: a matrix of nulls, and a list of rows to put into it.

use prime::pre_order::State;
use wire::prime::{Matrix, PoAru};
use wire::{List, Signed};

/// Returns `Last_PO_Aru` as a matrix of N rows: row i is the row held of server i, or null.
pub fn last_matrix(state: &State) -> Matrix {
    let mut matrix = Matrix { rows: List::take(&mut state.rows.iter().map(|_| None)) };
    place(&mut matrix, held(state));
    matrix
}

/// The rows held, each with its position.
fn held(state: &State) -> Vec<(usize, Signed<PoAru>)> {
    let numbered = state.rows.iter().enumerate();
    numbered.filter_map(|(index, row)| Some((index, row.as_ref()?.signed().clone()))).collect()
}

fn place(matrix: &mut Matrix, rows: Vec<(usize, Signed<PoAru>)>) {
    for (index, row) in rows {
        if let Some(cell) = matrix.rows.get_mut(index) {
            *cell = Some(row);
        }
    }
}
