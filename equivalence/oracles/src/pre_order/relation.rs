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
