//! Who sends the parts.

use slots::slot;
use wire::prime::Matrix;
use wire::{Config, PoSeq, ReplicaId};

/// Returns the servers that send their part of (o, s) when this matrix makes it eligible.
///
/// These are the first Q (`config.quorum()`) servers, ascending by id, whose row of the matrix
/// acknowledges (o, s): `matrix.acknowledged(i, o) >= s`. Fewer if fewer rows do. A null row
/// acknowledges nothing.
///
/// Requires: `seq` is at least 1.
///
/// Invariant: ascending, no duplicates, at most Q; the same at all servers for equal vectors.
/// Example: N = 4, Q = 3, column o = (5, 2, 7, 6): senders of (o, 5) are 1, 3, 4; of (o, 2) they
/// are 1, 2, 3; of (o, 7) only 3.
/// Paper: 4.1, "Reconciliation", Figure 3, lines A4 to A8. Deviation: Q for 2f+1.
#[slot(recon.senders)]
pub fn senders(
    config: &Config,
    matrix: &Matrix,
    originator: ReplicaId,
    seq: PoSeq,
) -> Vec<ReplicaId> {
    assert!(seq > PoSeq(0));
    let acknowledge = |id: &ReplicaId| matrix.acknowledged(*id, originator) >= seq;
    config.replicas().filter(acknowledge).take(config.quorum()).collect()
}
