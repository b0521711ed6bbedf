//! Whether a leader's matrix did justice to a Proof-Matrix.

use crate::pre_order::{Relation, relation};
use slots::slot;
use std::collections::BTreeSet;
use wire::ReplicaId;
use wire::prime::Matrix;

/// Says whether the matrix of a Pre-Prepare covers the matrix of a Proof-Matrix.
///
/// It does if for every server that is not in `blacklist`, its row in `pre_prepare` is at least as
/// up to date as its row in `proof_matrix` (see [`relation`]: `Same` or `Newer`), or the two are
/// `Inconsistent`: such rows convict their signer, never the leader. A null row
/// counts as a row of zeros, so a null row in `proof_matrix` is covered by anything, and a null
/// row in `pre_prepare` covers only null rows and rows of zeros. A matrix with too few rows counts
/// as filled up with null rows.
///
/// Invariant: a matrix covers itself; adding a server to `blacklist` never turns true into false.
/// Paper: 4.1, Figure 1, definition 5; 4.2, "Blacklisting Servers". Deviation: inconsistent rows are
/// passed over at once, which is what the report's procedure before the test comes to.
#[slot(pre_order.covers)]
pub fn covers(
    blacklist: &BTreeSet<ReplicaId>,
    pre_prepare: &Matrix,
    proof_matrix: &Matrix,
) -> bool {
    proof_matrix.rows.iter().enumerate().all(|(index, expected)| {
        let Some(expected) = expected else { return true };
        if blacklist.contains(&ReplicaId::from_index(index)) {
            return true;
        }
        let row = pre_prepare.rows.get(index).and_then(Option::as_ref);
        let given = row.map_or(&[][..], |row| &row.body.vec);
        relation(given, &expected.body.vec) != Relation::Older
    })
}
