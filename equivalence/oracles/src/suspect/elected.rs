//! What `suspect.elected` must answer.

use super::definitions::elected_of;
use crate::Finding;
use wire::prime::{NewLeader, NewLeaderProof};
use wire::{Config, Verified, View};

/// A view is preinstalled when Q servers voted for it (5.3, "Preliminaries").
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(
    config: &Config,
    votes: &[Option<Verified<NewLeader>>],
    above: View,
    got: &Option<NewLeaderProof>,
) -> Result<(), Finding> {
    crate::answer(
        "suspect.elected: all votes for the highest view above `above` that Q stand for",
        &elected_of(config, votes, above),
        got,
    )
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{proof, trips, vote};
    use wire::prime::NewLeader;
    use wire::{Config, Digest, Verified, View};

    fn votes(views: &[u64]) -> Vec<Option<Verified<NewLeader>>> {
        (1..).zip(views).map(|(by, &view)| Some(vote(by, view)).filter(|_| view > 0)).collect()
    }

    #[test]
    fn the_highest_view_with_a_quorum_wins_and_all_its_votes_are_in_the_proof() {
        // Of seven servers with f = k = 1 a quorum is five.
        let seven = Config::new(Digest::default(), 7, 1, 1);
        let five = votes(&[4, 4, 0, 4, 9, 4, 4]);
        assert_eq!(check(&seven, &five, View(3), &Some(proof(4, &[1, 2, 4, 6, 7]))), Ok(()));
        for wrong in [
            None,
            Some(proof(4, &[1, 2, 4, 6])),
            Some(proof(4, &[2, 1, 4, 6, 7])),
            Some(proof(9, &[5])),
        ] {
            trips(check(&seven, &five, View(3), &wrong), "elected");
        }
        let all = votes(&[4, 4, 4, 4, 4, 4, 4]);
        assert_eq!(check(&seven, &all, View(3), &Some(proof(4, &[1, 2, 3, 4, 5, 6, 7]))), Ok(()));
        trips(check(&seven, &all, View(3), &Some(proof(4, &[1, 2, 3, 4, 5]))), "elected");
    }

    #[test]
    fn neither_fewer_nor_older_votes_elect() {
        let config = crate::suspect::kit::config();
        let two = votes(&[4, 4, 5, 0]);
        assert_eq!(check(&config, &two, View(3), &None), Ok(()));
        trips(check(&config, &two, View(3), &Some(proof(4, &[1, 2]))), "elected");
        let three = votes(&[4, 4, 5, 4]);
        assert_eq!(check(&config, &three, View(3), &Some(proof(4, &[1, 2, 4]))), Ok(()));
        assert_eq!(check(&config, &three, View(4), &None), Ok(()));
        trips(check(&config, &three, View(4), &Some(proof(4, &[1, 2, 4]))), "elected");
    }
}
