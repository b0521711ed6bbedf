//! Whether a proposal did justice to what was shown to the leader.

use prime::pre_order::{Relation, relation};
use std::collections::BTreeSet;
use wire::ReplicaId;
use wire::prime::Matrix;

/// Walks the rows from the last to the first and stops at one that falls behind.
pub fn covers(
    blacklist: &BTreeSet<ReplicaId>,
    pre_prepare: &Matrix,
    proof_matrix: &Matrix,
) -> bool {
    covered(proof_matrix.rows.len(), blacklist, pre_prepare, proof_matrix)
}

fn covered(
    left: usize,
    blacklist: &BTreeSet<ReplicaId>,
    pre_prepare: &Matrix,
    proof_matrix: &Matrix,
) -> bool {
    let Some(index) = left.checked_sub(1) else { return true };
    let excused = match &proof_matrix.rows[index] {
        None => true,
        Some(shown) => {
            let row = pre_prepare.rows.get(index).and_then(Option::as_ref);
            let proposed = row.map(|row| &row.body.vec[..]).unwrap_or_default();
            blacklist.contains(&ReplicaId::from_index(index))
                || relation(&shown.body.vec, proposed) != Relation::Newer
        }
    };
    excused && covered(index, blacklist, pre_prepare, proof_matrix)
}
