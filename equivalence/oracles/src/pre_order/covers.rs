//! What `pre_order.covers` must answer.

use super::definitions::{relation_of, row};
use crate::Finding;
use prime::pre_order::Relation;
use std::collections::BTreeSet;
use wire::ReplicaId;
use wire::prime::Matrix;

/// Figure 1, definition 5, after the procedure of 4.2, "Blacklisting Servers": who signed rows
/// that are not consistent counts as blacklisted.
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(
    blacklist: &BTreeSet<ReplicaId>,
    pre_prepare: &Matrix,
    proof_matrix: &Matrix,
    result: &bool,
) -> Result<(), Finding> {
    crate::answer(
        "pre_order.covers: for every i in R - B, pp[i] is at least as up to date as pm[i]",
        &expected(blacklist, pre_prepare, proof_matrix),
        result,
    )
}

/// For every i outside the blacklist whose two rows are consistent, the row of `pre_prepare` is at
/// least as up to date as that of `proof_matrix`.
pub(super) fn expected(
    blacklist: &BTreeSet<ReplicaId>,
    pre_prepare: &Matrix,
    proof_matrix: &Matrix,
) -> bool {
    let stands = |i: usize| relation_of(row(pre_prepare, i), row(proof_matrix, i));
    (0..proof_matrix.rows.len())
        .filter(|&i| !blacklist.contains(&ReplicaId::from_index(i)))
        .filter(|&i| stands(i) != Relation::Inconsistent)
        .all(|i| matches!(stands(i), Relation::Same | Relation::Newer))
}
