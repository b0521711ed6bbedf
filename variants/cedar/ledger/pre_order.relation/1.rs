//! How two PO-ARU vectors of one server stand to each other, told from their differences.

use prime::pre_order::Relation;
use wire::PoSeq;

/// By (some difference is positive, some difference is negative).
const TABLE: [((bool, bool), Relation); 4] = [
    ((false, false), Relation::Same),
    ((true, false), Relation::Newer),
    ((false, true), Relation::Older),
    ((true, true), Relation::Inconsistent),
];

/// Compares two PO-ARU vectors of one server entry by entry; a shorter one counts as filled up with
/// zeros.
pub fn relation(first: &[PoSeq], second: &[PoSeq]) -> Relation {
    let differences = differences(first, second);
    let above = differences.iter().max().is_some_and(|&most| most > 0);
    let below = differences.iter().min().is_some_and(|&least| least < 0);
    TABLE
        .iter()
        .find_map(|&(signs, relation)| (signs == (above, below)).then_some(relation))
        .unwrap_or(Relation::Same)
}

/// `first - second`, as long as the longer one.
fn differences(first: &[PoSeq], second: &[PoSeq]) -> Vec<i128> {
    let mut out = vec![0_i128; first.len().max(second.len())];
    for (sign, vector) in [(1_i128, first), (-1_i128, second)] {
        for (sum, entry) in out.iter_mut().zip(vector) {
            *sum += sign * i128::from(entry.0);
        }
    }
    out
}
