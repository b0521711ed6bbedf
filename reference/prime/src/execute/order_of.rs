//! The order of what becomes eligible at one number.

use slots::slot;
use wire::{PoSeq, ReplicaId};

/// Lists the preorder identifiers that become eligible between two prefixes, in total order.
///
/// All (o, s) with `old[o] < s <= new[o]`: o ascending, then s ascending. Where `new[o] <= old[o]`
/// there are none for o. The vectors are by originator.
///
/// Requires: the vectors are of equal length, and the differences are small enough to list: each was
/// preordered between two numbers.
///
/// Invariant: strictly ascending.
/// Example: old = (2, 0, 5), new = (4, 1, 5): (1, 3), (1, 4), (2, 1).
/// Paper: 4.1, "Global Ordering Phase" (L(M(T_n) - M(T_{n-1}))). Deviation: none.
#[slot(execute.order_of)]
pub fn order_of(old: &[PoSeq], new: &[PoSeq]) -> Vec<(ReplicaId, PoSeq)> {
    assert_eq!(old.len(), new.len());
    let columns = old.iter().zip(new).enumerate();
    let identifiers = columns.flat_map(|(index, (old, new))| {
        let originator = ReplicaId::from_index(index);
        // Starts below, so that an `old` of the greatest number cannot wrap.
        (old.0..new.0).map(move |below| (originator, PoSeq(below + 1)))
    });
    identifiers.collect()
}
