//! How two PO-ARU vectors of one server stand to each other.

use prime::pre_order::Relation;
use wire::PoSeq;

/// Compares entry by entry, missing entries being zeros, and stops as soon as each vector is ahead
/// of the other somewhere.
pub fn relation(first: &[PoSeq], second: &[PoSeq]) -> Relation {
    let length = if first.len() > second.len() { first.len() } else { second.len() };
    let mut ahead = false;
    let mut behind = false;
    for i in 0..length {
        let a = if i < first.len() { first[i].0 } else { 0 };
        let b = if i < second.len() { second[i].0 } else { 0 };
        ahead |= a > b;
        behind |= a < b;
        if ahead && behind {
            return Relation::Inconsistent;
        }
    }
    if ahead {
        Relation::Newer
    } else if behind {
        Relation::Older
    } else {
        Relation::Same
    }
}
