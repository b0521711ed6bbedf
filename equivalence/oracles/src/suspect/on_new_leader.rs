//! What `suspect.on_new_leader` must do.

use super::definitions::{elect, elected_of, reached};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::{NewLeader, Prime};
use wire::{Config, Effect, Reject, Verified};

/// One vote of each server is held, for the highest view that it asked for; Q for one later view
/// elect its leader (4.2; 5.3, "Preliminaries").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<NewLeader>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.on_new_leader", config, before);
    let (signer, view) = (message.signer(), message.body().view);
    let held = before.votes[signer.index()].as_ref().map(|vote| vote.body().view);
    let reached = reached(before);
    if view <= reached {
        expected.since("rejects `Stale` if its view is at or below the one reached");
        expected.reject(signer, Reject::Stale);
    } else if held >= Some(view) {
        expected.since("rejects `Duplicate` if the signer's vote is for that view or a higher one");
        expected.reject(signer, Reject::Duplicate);
    } else {
        expected.since("it takes the place of the signer's vote, and who is elected is shown");
        expected.state.votes[signer.index()] = Some(message.clone());
        if let Some(proof) = elected_of(config, &expected.state.votes, reached) {
            elect(&mut expected, proof);
        }
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{config, each_trips, effects, proof, reject, state, trips, vote};
    use prime::suspect::State;
    use wire::prime::Prime;
    use wire::{Effect, Reject, To};

    /// Server i + 1 voted for the i-th view, unless that is 0.
    fn voted(views: [u64; 4]) -> State {
        let mut state = state();
        state.votes =
            (1..).zip(views).map(|(by, view)| Some(vote(by, view)).filter(|_| view > 0)).collect();
        state
    }

    fn promised(view: u64, by: &[u16]) -> Vec<Effect<Prime>> {
        effects(|e| e.promise(To::Others, proof(view, by)))
    }

    #[test]
    fn the_third_vote_for_a_later_view_elects() {
        let (config, before, message) = (config(), voted([3, 2, 0, 3]), vote(2, 3));
        let mut after = voted([3, 3, 0, 3]);
        after.proof = Some(proof(3, &[1, 2, 4]));
        let made = promised(3, &[1, 2, 4]);
        each_trips(
            &after,
            |after| check(&config, &before, &message, after, &made),
            &[
                ("votes", |s| s.votes[1] = Some(vote(2, 2))),
                ("proof", |s| s.proof = None),
                ("view", |s| s.view.0 = 3),
            ],
        );
        // Unlogged; not at all; not all votes, or out of order.
        for wrong in [&made[1..], &[], &promised(3, &[1, 4]), &promised(3, &[2, 1, 4])] {
            trips(check(&config, &before, &message, &after, wrong), "effect");
        }
    }

    #[test]
    fn a_proof_that_waits_gives_way_to_a_higher_view_alone() {
        let config = config();
        let holding = |views, view| State { proof: Some(proof(view, &[1, 2, 3])), ..voted(views) };
        // A vote for a view below the proven one is over, whoever would be elected.
        let (before, message) = (holding([3, 2, 0, 3], 5), vote(2, 3));
        let refused = [reject(2, Reject::Stale)];
        assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
        let lower = State { proof: Some(proof(3, &[1, 2, 4])), ..voted([3, 3, 0, 3]) };
        let made = promised(3, &[1, 2, 4]);
        trips(check(&config, &before, &message, &lower, &made), "effect 0");
        let (before, after) = (holding([6, 2, 0, 6], 5), holding([6, 6, 0, 6], 6));
        let after = State { proof: Some(proof(6, &[1, 2, 4])), ..after };
        let made = promised(6, &[1, 2, 4]);
        assert_eq!(check(&config, &before, &vote(2, 6), &after, &made), Ok(()));
    }

    #[test]
    fn two_votes_or_three_for_several_views_elect_nobody() {
        let (config, message) = (config(), vote(2, 3));
        for (before, after) in [([3, 2, 0, 0], [3, 3, 0, 0]), ([3, 0, 2, 4], [3, 3, 2, 4])] {
            let (before, mut after) = (voted(before), voted(after));
            assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
            after.proof = Some(proof(3, &[1, 2]));
            trips(check(&config, &before, &message, &after, &promised(3, &[1, 2])), "effect 0");
        }
    }

    #[test]
    fn what_is_over_comes_before_what_is_held() {
        let config = config();
        for (view, reason) in [(1, Reject::Stale), (3, Reject::Duplicate), (2, Reject::Duplicate)] {
            let (before, message) = (voted([0, 3, 0, 0]), vote(2, view));
            let refused = [reject(2, reason)];
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            let after = voted([0, view, 0, 0]);
            if view != 3 {
                trips(check(&config, &before, &message, &after, &refused), "votes");
            }
            for other in [Reject::Stale, Reject::Duplicate, Reject::WrongView] {
                if other != reason {
                    let wrong = [reject(2, other)];
                    trips(check(&config, &before, &message, &before, &wrong), "effect 0");
                }
            }
        }
    }
}
