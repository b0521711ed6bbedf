//! What `order.eligible` must answer.

use crate::Finding;
use crate::pre_order::definitions::eligible_of;
use wire::prime::Matrix;
use wire::{Config, PoSeq, ReplicaId};

/// Figure 1, definitions 2, 3 and 6: what Q servers acknowledged, and what was eligible before.
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(
    config: &Config,
    matrix: &Matrix,
    prefix: &[PoSeq],
    got: &[PoSeq],
) -> Result<(), Finding> {
    let rule = "order.eligible: the larger of the prefix and the Q-th largest of the column";
    crate::answer(rule, &&expected(config, matrix, prefix)[..], &got)
}

/// By originator: the largest number that Q rows of N acknowledge, and not below the prefix's.
pub(super) fn expected(config: &Config, matrix: &Matrix, prefix: &[PoSeq]) -> Vec<PoSeq> {
    let column = |o: ReplicaId| eligible_of(config, |i| matrix.acknowledged(i, o));
    config.replicas().zip(prefix).map(|(o, &before)| column(o).max(before)).collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{config, matrix, trips};
    use crate::pre_order::kit::vector;

    #[test]
    fn the_third_largest_of_four_unless_the_prefix_is_larger() {
        let (config, none) = (config(), vector(&[0, 0, 0, 0]));
        let rows = matrix(&[&[7, 1, 4, 9], &[5, 1, 4, 8], &[5, 2, 4, 9], &[]]);
        let right = vector(&[5, 1, 4, 8]);
        assert_eq!(check(&config, &rows, &none, &right), Ok(()));
        assert_eq!(check(&config, &rows, &vector(&[4, 3, 4, 0]), &vector(&[5, 3, 4, 8])), Ok(()));
        for wrong in [&[7, 1, 4, 8][..], &[5, 1, 4, 9], &[0, 1, 4, 8], &[5, 1, 4], &[5, 1, 4, 8, 0]]
        {
            trips(check(&config, &rows, &none, &vector(wrong)), "order.eligible");
        }
        trips(check(&config, &rows, &vector(&[4, 3, 4, 0]), &right), "order.eligible");
        // Missing rows and entries are zeros; a fifth row is nobody's.
        let ragged = matrix(&[&[7], &[5, 1, 4, 8], &[5, 2, 4, 9], &[], &[9, 9, 9, 9]]);
        assert_eq!(check(&config, &ragged, &none, &vector(&[5, 0, 0, 0])), Ok(()));
        trips(check(&config, &ragged, &none, &vector(&[5, 2, 4, 9])), "order.eligible");
    }
}
