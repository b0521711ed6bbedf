//! What `execute.order_of` must answer.

use crate::Finding;
use wire::{PoSeq, ReplicaId};

/// L(M(T_n) - M(T_(n-1))): what is newly eligible, by originator and number (4.1).
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(old: &[PoSeq], new: &[PoSeq], got: &[(ReplicaId, PoSeq)]) -> Result<(), Finding> {
    let rule = "order_of: all (o, s) with old[o] < s <= new[o], ascending";
    let prefixes = old.iter().zip(new).enumerate();
    let expected: Vec<(ReplicaId, PoSeq)> = prefixes
        .flat_map(|(o, (old, new))| {
            (old.0..new.0).map(move |s| (ReplicaId::from_index(o), PoSeq(s + 1)))
        })
        .collect();
    crate::answer(rule, &&expected[..], &got)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::execute::kit::trips;
    use wire::{PoSeq, ReplicaId};

    #[test]
    fn originators_first_then_numbers() {
        let (old, new) = ([2, 0, 5].map(PoSeq), [4, 1, 4].map(PoSeq));
        let check = |got: &[(u16, u64)]| {
            let got: Vec<_> = got.iter().map(|&(o, s)| (ReplicaId(o), PoSeq(s))).collect();
            check(&old, &new, &got)
        };
        assert_eq!(check(&[(1, 3), (1, 4), (2, 1)]), Ok(()));
        for wrong in [
            &[(1, 3), (2, 1), (1, 4)][..],
            &[(1, 2), (1, 3), (1, 4), (2, 1)],
            &[(1, 3), (2, 1)],
            &[(1, 3), (1, 4), (2, 1), (3, 5)],
        ] {
            trips(check(wrong), "order_of");
        }
    }
}
