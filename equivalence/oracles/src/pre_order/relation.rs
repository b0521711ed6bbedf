//! What `pre_order.relation` must answer.

use super::definitions::relation_of;
use crate::Finding;
use prime::pre_order::Relation;
use wire::PoSeq;

/// Figure 1, definition 1.
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(first: &[PoSeq], second: &[PoSeq], result: &Relation) -> Result<(), Finding> {
    crate::answer(
        "pre_order.relation: entry by entry, what a vector lacks being zero",
        &relation_of(first, second),
        result,
    )
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{trips, vector};
    use prime::pre_order::Relation;

    #[test]
    fn entries_decide_and_short_vectors_are_filled_up_with_zeros() {
        let cases = [
            (&[2, 1][..], &[1, 1][..], Relation::Newer),
            (&[1, 1], &[2, 1], Relation::Older),
            (&[2, 0], &[1, 1], Relation::Inconsistent),
            (&[2, 0], &[2], Relation::Same),
            (&[2], &[2, 1], Relation::Older),
            (&[], &[], Relation::Same),
        ];
        for (first, second, relation) in cases {
            let (first, second) = (vector(first), vector(second));
            assert_eq!(check(&first, &second, &relation), Ok(()));
        }
    }

    #[test]
    fn an_inconsistent_pair_taken_for_newer_is_found() {
        let (first, second) = (vector(&[2, 0]), vector(&[1, 1]));
        trips(check(&first, &second, &Relation::Newer), "relation");
    }
}
