//! L(M(T_n) - M(T_{n-1})) of two prefixes.

use std::iter::repeat;
use wire::PoSeq;
use wire::ReplicaId;

/// 4.1, "Global Ordering Phase" (L(M(T_n) - M(T_{n-1})))
pub fn order_of(old: &[PoSeq], new: &[PoSeq]) -> Vec<(ReplicaId, PoSeq)> {
    (1..=u16::MAX)
        .map(ReplicaId)
        .zip(old.iter().chain(repeat(&PoSeq(0))).zip(new))
        .flat_map(|(originator, (before, after))| {
            (before.0..after.0).map(move |below| (originator, PoSeq(below + 1)))
        })
        .collect()
}
