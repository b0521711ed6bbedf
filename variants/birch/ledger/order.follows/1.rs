//! Whether a matrix may be proposed directly after another.

use prime::pre_order::Relation;
use prime::pre_order::relation;
use std::iter::repeat;
use wire::Config;
use wire::PoSeq;
use wire::Signed;
use wire::prime::Matrix;
use wire::prime::PoAru;

/// 4.1, "Global Ordering Phase" (the constraint on neighbouring Pre-Prepares)
pub fn follows(config: &Config, preceding: &Matrix, matrix: &Matrix) -> bool {
    let before = preceding
        .rows
        .iter()
        .map(Option::as_ref)
        .chain(repeat(None));
    matrix.rows.len() == config.size()
        && matrix
            .rows
            .iter()
            .map(Option::as_ref)
            .zip(before)
            .all(|(row, before)| up_to_date(row, before))
        && !matrix.same(preceding)
}

/// Whether `row` is at least as up to date as `before`; null stands for zeros.
fn up_to_date(row: Option<&Signed<PoAru>>, before: Option<&Signed<PoAru>>) -> bool {
    match (row, before) {
        (_, None) => true,
        (None, Some(before)) => before.body.vec.iter().all(|seq| *seq == PoSeq(0)),
        (Some(row), Some(before)) => matches!(
            relation(&row.body.vec, &before.body.vec),
            Relation::Same | Relation::Newer
        ),
    }
}
