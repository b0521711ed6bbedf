//! Whether one matrix does justice to another.

use prime::pre_order::{Relation, relation};
use std::collections::BTreeSet;
use wire::prime::Matrix;
use wire::{PoSeq, ReplicaId};

/// Says whether no row of `proof_matrix`, blacklisted servers' aside, is strictly ahead of the
/// same server's row of `pre_prepare`. Contradictory rows are nobody's debt.
pub fn covers(
    blacklist: &BTreeSet<ReplicaId>,
    pre_prepare: &Matrix,
    proof_matrix: &Matrix,
) -> bool {
    (0..proof_matrix.rows.len())
        .filter(|index| !blacklist.contains(&ReplicaId::from_index(*index)))
        .map(|index| relation(row(pre_prepare, index), row(proof_matrix, index)))
        .all(|verdict| verdict != Relation::Older)
}

/// The vector in row `index`; empty, which stands for zeros, where there is none.
fn row(matrix: &Matrix, index: usize) -> &[PoSeq] {
    matrix.rows.get(index).and_then(Option::as_ref).map_or(&[], |row| &row.body.vec)
}
