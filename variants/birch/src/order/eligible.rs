//! Up to where updates are eligible under a matrix.

use std::cmp::Reverse;
use std::iter::repeat;
use wire::Config;
use wire::PoSeq;
use wire::ReplicaId;
use wire::prime::Matrix;

/// 4.1, Figure 1, definitions 2, 3 and 6
pub fn eligible(config: &Config, matrix: &Matrix, prefix: &[PoSeq]) -> Vec<PoSeq> {
    config
        .replicas()
        .zip(prefix.iter().chain(repeat(&PoSeq(0))))
        .map(|(originator, before)| proven(config, matrix, originator).max(*before))
        .collect()
}

/// What Q servers acknowledge of `originator`: the Q-th highest of its column.
fn proven(config: &Config, matrix: &Matrix, originator: ReplicaId) -> PoSeq {
    let mut column: Vec<Reverse<PoSeq>> = config
        .replicas()
        .map(|server| Reverse(matrix.acknowledged(server, originator)))
        .collect();
    column.sort_unstable();
    config
        .quorum()
        .checked_sub(1)
        .and_then(|place| column.get(place))
        .map_or(PoSeq(0), |Reverse(seq)| *seq)
}
