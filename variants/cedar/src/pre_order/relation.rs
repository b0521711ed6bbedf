//! Two PO-ARU vectors, weighed on a pair of scales.

use prime::pre_order::Relation;
use wire::PoSeq;

/// Weighs the surplus of either vector over the other: only the sides that carry weight matter.
pub fn relation(first: &[PoSeq], second: &[PoSeq]) -> Relation {
    let surplus = |one: &[PoSeq], other: &[PoSeq]| -> u128 {
        let padded = other.iter().map(|seq| seq.0).chain(std::iter::repeat(0));
        one.iter().zip(padded).map(|(mine, theirs)| u128::from(mine.0.saturating_sub(theirs))).sum()
    };
    const VERDICTS: [[Relation; 2]; 2] =
        [[Relation::Same, Relation::Older], [Relation::Newer, Relation::Inconsistent]];
    let (ours, theirs) = (surplus(first, second) > 0, surplus(second, first) > 0);
    VERDICTS[usize::from(ours)][usize::from(theirs)]
}
