//! How two vectors of one server compare.

use prime::pre_order::Relation;
use std::cmp::Ordering;
use wire::PoSeq;

/// Folds the comparisons of all entries into one verdict; entries that are missing count as 0.
pub fn relation(first: &[PoSeq], second: &[PoSeq]) -> Relation {
    let shared = first.len().min(second.len());
    let heads = first.iter().zip(second).map(|(one, other)| one.cmp(other));
    let ahead = first[shared..].iter().map(|one| one.cmp(&PoSeq(0)));
    let behind = second[shared..].iter().map(|other| PoSeq(0).cmp(other));
    heads
        .chain(ahead)
        .chain(behind)
        .try_fold(Ordering::Equal, join)
        .map_or(Relation::Inconsistent, verdict)
}

/// One ordering that agrees with both, if there is one.
fn join(so_far: Ordering, entry: Ordering) -> Option<Ordering> {
    let both = so_far.then(entry);
    (entry.is_eq() || entry == both).then_some(both)
}

/// The ordering's name.
fn verdict(ordering: Ordering) -> Relation {
    match ordering {
        Ordering::Less => Relation::Older,
        Ordering::Equal => Relation::Same,
        Ordering::Greater => Relation::Newer,
    }
}
