//! Whether a Pre-Prepare does justice to a Proof-Matrix.

use prime::pre_order::{Relation, relation};
use std::collections::BTreeSet;
use wire::config::MAX_REPLICAS;
use wire::prime::Matrix;
use wire::{PoSeq, ReplicaId};

/// Holds the two matrices against each other row by row, passing over blacklisted servers: false
/// at the first row where the Pre-Prepare's is behind.
pub fn covers(
    blacklist: &BTreeSet<ReplicaId>,
    pre_prepare: &Matrix,
    proof_matrix: &Matrix,
) -> bool {
    let skipped = word(blacklist);
    // Beyond the last row of the proof matrix there are null rows only, which anything covers.
    for i in 0..proof_matrix.rows.len() {
        if skipped >> i & 1 == 1 {
            continue;
        }
        match relation(vector(pre_prepare, i), vector(proof_matrix, i)) {
            Relation::Older => return false,
            Relation::Same | Relation::Newer | Relation::Inconsistent => {}
        }
    }
    true
}

/// Bit i stands for the server of row i.
fn word(servers: &BTreeSet<ReplicaId>) -> u64 {
    let mut bits = 0;
    for id in servers.iter() {
        let number = usize::from(id.0);
        if number >= 1 && number <= MAX_REPLICAS {
            bits |= 1u64 << (number - 1);
        }
    }
    bits
}

/// Row i; no entries, which count as zeros, if it is null or missing.
fn vector(matrix: &Matrix, i: usize) -> &[PoSeq] {
    if i >= matrix.rows.len() {
        return &[];
    }
    match &matrix.rows[i] {
        Some(row) => &row.body.vec,
        None => &[],
    }
}
