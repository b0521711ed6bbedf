//! How two PO-ARU vectors of one server stand to each other.

use crate::pre_order::Relation;
use slots::slot;
use wire::PoSeq;

/// Compares two PO-ARU vectors of one server entry by entry.
///
/// `Same` if all entries are equal; `Newer` if every entry of `first` is at least the one of
/// `second` and some entry exceeds it; `Older` the other way round; else `Inconsistent`. A vector
/// that is shorter counts as filled up with zeros (peers choose lengths before they are validated).
///
/// Example: `[2, 1]` against `[1, 1]` is `Newer`; `[2, 0]` against `[1, 1]` is `Inconsistent`.
/// Invariant: swapping the arguments swaps `Newer` and `Older` and keeps the other two.
/// Paper: 4.1, Figure 1, definition 1. Deviation: none.
#[slot(pre_order.relation)]
pub fn relation(first: &[PoSeq], second: &[PoSeq]) -> Relation {
    let entry = |vector: &[PoSeq], index: usize| vector.get(index).copied().unwrap_or_default();
    let mut entries = 0..first.len().max(second.len());
    let at_least = entries.clone().all(|o| entry(first, o) >= entry(second, o));
    let at_most = entries.all(|o| entry(first, o) <= entry(second, o));
    match (at_least, at_most) {
        (true, true) => Relation::Same,
        (true, false) => Relation::Newer,
        (false, true) => Relation::Older,
        (false, false) => Relation::Inconsistent,
    }
}
