//! Whether a leader's matrix did justice to a Proof-Matrix: the rows that are still open shrink.

use prime::pre_order::{Relation, relation};
use std::collections::BTreeSet;
use wire::prime::Matrix;
use wire::{PoSeq, ReplicaId};

/// Whether a row of the Pre-Prepare that stands so to the Proof-Matrix's settles it.
const SETTLES: [(Relation, bool); 4] = [
    (Relation::Same, true),
    (Relation::Newer, true),
    (Relation::Inconsistent, true),
    (Relation::Older, false),
];

/// Says whether the matrix of a Pre-Prepare covers the matrix of a Proof-Matrix.
pub fn covers(
    blacklist: &BTreeSet<ReplicaId>,
    pre_prepare: &Matrix,
    proof_matrix: &Matrix,
) -> bool {
    // Rows beyond the Proof-Matrix are null in it, and covered by anything.
    let mut open: Vec<usize> = (0..proof_matrix.rows.len()).collect();
    open.retain(|&index| !blacklist.contains(&ReplicaId::from_index(index)));
    open.retain(|&index| !settled(vector(pre_prepare, index), vector(proof_matrix, index)));
    open.is_empty()
}

fn settled(proposed: &[PoSeq], proof: &[PoSeq]) -> bool {
    SETTLES.contains(&(relation(proposed, proof), true))
}

/// The vector of a row; a null or missing row is an empty one, which counts as zeros.
fn vector(matrix: &Matrix, index: usize) -> &[PoSeq] {
    match matrix.rows.get(index) {
        Some(Some(row)) => &row.body.vec,
        Some(None) | None => &[],
    }
}
