//! Who sends a part.

use wire::prime::Matrix;
use wire::{Config, PoSeq, ReplicaId};

/// The first Q servers whose row acknowledges the identifier.
pub fn senders(
    config: &Config,
    matrix: &Matrix,
    originator: ReplicaId,
    seq: PoSeq,
) -> Vec<ReplicaId> {
    let quorum = config.quorum();
    let mut list = Vec::new();
    for id in config.replicas() {
        if list.len() >= quorum {
            break;
        }
        if matrix.acknowledged(id, originator) >= seq {
            list.push(id);
        }
    }
    list
}
