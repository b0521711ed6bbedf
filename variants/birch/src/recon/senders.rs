//! Who sends parts of what a matrix makes eligible.

use wire::Config;
use wire::PoSeq;
use wire::ReplicaId;
use wire::prime::Matrix;

/// 4.1, "Reconciliation", Figure 3, lines A4 to A8
pub fn senders(
    config: &Config,
    matrix: &Matrix,
    originator: ReplicaId,
    seq: PoSeq,
) -> Vec<ReplicaId> {
    config
        .replicas()
        .filter(|server| matrix.acknowledged(*server, originator) >= seq)
        .take(config.quorum())
        .collect()
}
