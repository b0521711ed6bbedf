//! A column of the matrix as one question to each server, cut at a quorum.

use wire::prime::Matrix;
use wire::{Config, PoSeq, ReplicaId};

/// What the server acknowledges of the originator; 0 where the row is null or short.
fn acknowledged(matrix: &Matrix, server: ReplicaId, originator: ReplicaId) -> PoSeq {
    let cell = || {
        let row = matrix.rows.get(usize::from(server.0).checked_sub(1)?)?.as_ref()?;
        row.body.vec.get(usize::from(originator.0).checked_sub(1)?).copied()
    };
    cell().unwrap_or_default()
}

/// Returns the servers that send their part of (o, s) when this matrix makes it eligible.
pub fn senders(
    config: &Config,
    matrix: &Matrix,
    originator: ReplicaId,
    seq: PoSeq,
) -> Vec<ReplicaId> {
    config
        .replicas()
        .filter(|server| acknowledged(matrix, *server, originator) >= seq)
        .take(config.quorum())
        .collect()
}
