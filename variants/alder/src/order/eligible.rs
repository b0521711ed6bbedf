//! What a matrix makes eligible.

use wire::prime::Matrix;
use wire::{Config, PoSeq};

/// By originator: the Q-th largest of its column, or the prefix if that is more.
pub fn eligible(config: &Config, matrix: &Matrix, prefix: &[PoSeq]) -> Vec<PoSeq> {
    let n = config.size();
    let quorum = config.quorum();
    let mut result = Vec::with_capacity(n);
    let mut column = Vec::with_capacity(n);
    let mut at = 0_usize;
    for originator in config.replicas() {
        let mut entry = PoSeq(0);
        if let Some(before) = prefix.get(at) {
            entry = *before;
        }
        at += 1;

        column.clear();
        for id in config.replicas() {
            column.push(matrix.acknowledged(id, originator));
        }
        // Ascending, the Q-th largest is in place N - Q.
        if quorum >= 1 && quorum <= column.len() {
            let place = column.len() - quorum;
            let (_, certain, _) = column.select_nth_unstable(place);
            if *certain > entry {
                entry = *certain;
            }
        }
        result.push(entry);
    }
    result
}
