//! What `pre_order.covers` must answer.

use super::definitions::{at_least_as_up_to_date, row};
use crate::Finding;
use std::collections::BTreeSet;
use wire::ReplicaId;
use wire::prime::Matrix;

/// Figure 1, definition 5.
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(
    blacklist: &BTreeSet<ReplicaId>,
    pre_prepare: &Matrix,
    proof_matrix: &Matrix,
    result: &bool,
) -> Result<(), Finding> {
    let blacklisted = |i: usize| blacklist.contains(&ReplicaId::from_index(i));
    let expected = (0..proof_matrix.rows.len())
        .filter(|&i| !blacklisted(i))
        .all(|i| at_least_as_up_to_date(row(pre_prepare, i), row(proof_matrix, i)));
    crate::answer(
        "pre_order.covers: for every i in R - B, pp[i] is at least as up to date as pm[i]",
        &expected,
        result,
    )
}
