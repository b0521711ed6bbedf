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
pub(crate) fn expected(
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

#[cfg(test)]
mod tests {
    use super::check;
    use crate::pre_order::kit::{matrix, trips};
    use std::collections::BTreeSet;
    use wire::ReplicaId;

    #[test]
    fn every_row_must_be_as_up_to_date_unless_its_signer_is_blacklisted() {
        let nobody = BTreeSet::new();
        let old = matrix(&[&[1, 0, 0, 0], &[1, 0, 0, 0], &[], &[]]);
        let new = matrix(&[&[2, 0, 0, 0], &[1, 0, 0, 0], &[], &[]]);
        assert_eq!(check(&nobody, &new, &old, &true), Ok(()));
        assert_eq!(check(&nobody, &old, &new, &false), Ok(()));
        assert_eq!(check(&nobody, &new, &new, &true), Ok(()));
        let first = BTreeSet::from([ReplicaId(1)]);
        assert_eq!(check(&first, &old, &new, &true), Ok(()));
        trips(check(&first, &old, &new, &false), "covers");
        trips(check(&nobody, &old, &new, &true), "covers");
    }

    #[test]
    fn null_rows_are_zeros_and_missing_rows_null() {
        let nobody = BTreeSet::new();
        let nothing = matrix(&[]);
        let zeros = matrix(&[&[], &[0, 0, 0, 0], &[], &[]]);
        let one = matrix(&[&[], &[0, 1, 0, 0], &[], &[]]);
        assert_eq!(check(&nobody, &nothing, &zeros, &true), Ok(()));
        assert_eq!(check(&nobody, &nothing, &one, &false), Ok(()));
        assert_eq!(check(&nobody, &one, &nothing, &true), Ok(()));
        trips(check(&nobody, &nothing, &one, &true), "covers");
    }

    #[test]
    fn inconsistent_rows_convict_their_signer_and_not_the_leader() {
        let nobody = BTreeSet::new();
        let one = matrix(&[&[2, 1, 0, 0], &[], &[], &[]]);
        let other = matrix(&[&[1, 2, 0, 0], &[], &[], &[]]);
        assert_eq!(check(&nobody, &one, &other, &true), Ok(()));
        trips(check(&nobody, &one, &other, &false), "covers");
    }
}
