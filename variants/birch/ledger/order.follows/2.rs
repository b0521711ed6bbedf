//! Whether a matrix may be proposed directly after another.

use prime::pre_order::Relation;
use prime::pre_order::relation;
use std::iter::repeat;
use wire::Config;
use wire::PoSeq;
use wire::ReplicaId;
use wire::Signed;
use wire::prime::Matrix;
use wire::prime::PoAru;

/// 4.1, "Global Ordering Phase" (the constraint on neighbouring Pre-Prepares)
pub fn follows(config: &Config, preceding: &Matrix, matrix: &Matrix) -> bool {
    let size = config.size();
    let pairs = || {
        let before = preceding
            .rows
            .iter()
            .map(Option::as_ref)
            .chain(repeat(None));
        matrix.rows.iter().map(Option::as_ref).zip(before)
    };
    matrix.rows.len() == size
        && config
            .replicas()
            .zip(pairs())
            .all(|(server, (row, before))| proper(size, server, row) && up_to_date(row, before))
        && pairs().any(|(row, before)| vector(row) != vector(before))
}

/// Whether `row` is null, or signed by `server`, whose row it is, with as many entries as there are
/// servers.
fn proper(size: usize, server: ReplicaId, row: Option<&Signed<PoAru>>) -> bool {
    row.is_none_or(|row| row.signer == server && row.body.vec.len() == size)
}

/// Whether `row` is at least as up to date as `before`, a null one of which stands for zeros; null
/// follows null alone.
fn up_to_date(row: Option<&Signed<PoAru>>, before: Option<&Signed<PoAru>>) -> bool {
    match (row, before) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(row), Some(before)) => matches!(
            relation(&row.body.vec, &before.body.vec),
            Relation::Same | Relation::Newer
        ),
    }
}

/// What a row says, whoever signed it; null is not zeros here.
fn vector(row: Option<&Signed<PoAru>>) -> Option<&[PoSeq]> {
    row.map(|row| &*row.body.vec)
}
