//! Which preordered updates a matrix makes eligible.

use crate::votes::quorum_entry;
use slots::slot;
use wire::prime::Matrix;
use wire::{Config, PoSeq};

/// Returns, by originator, up to which preorder number updates are eligible under `matrix`.
///
/// Entry o is the larger of `prefix[o]` and the Q-th largest of column o over all N rows, where
/// Q = `config.quorum()`. What a row i has in column o is `Matrix::acknowledged` of i and o: 0 where the
/// row is null or missing or has no entry for o. The answer has N entries.
///
/// Requires: `prefix` has N entries.
/// Example: N = 4, Q = 3, column entries 7, 5, 5, null: 5.
/// Invariant: no entry is below the prefix's; raising an entry of a row lowers no entry.
/// Paper: 4.1, Figure 1, definitions 2, 3 and 6. Deviation: Q = 2f+k+1, the report's 2f+1 for k = 0;
/// the prefix carries over no-ops.
#[slot(order.eligible)]
pub fn eligible(config: &Config, matrix: &Matrix, prefix: &[PoSeq]) -> Vec<PoSeq> {
    assert_eq!(prefix.len(), config.size());
    let mut column = Vec::with_capacity(config.size());
    let entries = config.replicas().zip(prefix).map(|(o, old)| {
        column.clear();
        column.extend(config.replicas().map(|i| matrix.acknowledged(i, o)));
        quorum_entry(config, &mut column).max(*old)
    });
    entries.collect()
}
