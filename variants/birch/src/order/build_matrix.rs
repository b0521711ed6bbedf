//! The matrix that a leader proposes.

use prime::pre_order;
use prime::pre_order::Relation;
use prime::pre_order::relation;
use std::iter::repeat;
use wire::List;
use wire::Signed;
use wire::Verified;
use wire::prime::Matrix;
use wire::prime::PoAru;

/// 4.1, "Global Ordering Phase"
pub fn build_matrix(pre_order: &pre_order::State, preceding: &Matrix) -> Matrix {
    let before = preceding
        .rows
        .iter()
        .map(Option::as_ref)
        .chain(repeat(None));
    Matrix {
        rows: List::take(
            &mut pre_order
                .rows
                .iter()
                .zip(before)
                .map(|(last, before)| later(last.as_ref(), before).cloned()),
        ),
    }
}

/// The last row, unless it does not follow the one before.
fn later<'a>(
    last: Option<&'a Verified<PoAru>>,
    before: Option<&'a Signed<PoAru>>,
) -> Option<&'a Signed<PoAru>> {
    match (last.map(Verified::signed), before) {
        (last, None) => last,
        (None, before) => before,
        (Some(last), Some(before)) => match relation(&last.body.vec, &before.body.vec) {
            Relation::Same | Relation::Newer => Some(last),
            Relation::Older | Relation::Inconsistent => Some(before),
        },
    }
}
