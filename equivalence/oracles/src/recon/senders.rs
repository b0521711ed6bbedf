//! What `recon.senders` must answer.

use super::definitions::senders_of;
use crate::Finding;
use wire::prime::Matrix;
use wire::{Config, PoSeq, ReplicaId};

/// Figure 3, A4 to A8, with Q servers.
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(
    config: &Config,
    matrix: &Matrix,
    originator: ReplicaId,
    seq: PoSeq,
    got: &[ReplicaId],
) -> Result<(), Finding> {
    crate::answer(
        "recon.senders: the first Q servers, ascending, whose row acknowledges (o, s)",
        &&senders_of(config, matrix, (originator, seq))[..],
        &got,
    )
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::recon::kit::{config, matrix, trips};
    use wire::{PoSeq, ReplicaId};

    #[test]
    fn the_first_quorum_that_acknowledged_sends() {
        // The contract's example; the last row of the second matrix is null.
        let full = matrix(&[&[5, 0, 0, 0], &[2, 0, 0, 0], &[7, 0, 0, 0], &[6, 0, 0, 0]]);
        let three = matrix(&[&[5, 0, 0, 0], &[2, 0, 0, 0], &[7, 0, 0, 0], &[]]);
        for (matrix, s, expected) in [
            (&full, 5, &[1, 3, 4][..]),
            (&full, 2, &[1, 2, 3]),
            (&full, 7, &[3]),
            (&full, 8, &[]),
            (&three, 5, &[1, 3]),
        ] {
            let got: Vec<_> = expected.iter().copied().map(ReplicaId).collect();
            let run = |got: &[_]| check(&config(), matrix, ReplicaId(1), PoSeq(s), got);
            assert_eq!(run(&got), Ok(()));
            let more =
                (1..=4).map(ReplicaId).filter(|i| *i != ReplicaId(2) || s == 2).collect::<Vec<_>>();
            if more != got {
                trips(run(&more), "the first Q servers");
            }
            let backwards: Vec<_> = got.iter().rev().copied().collect();
            if got.len() > 1 {
                trips(run(&backwards), "ascending");
            }
        }
    }
}
