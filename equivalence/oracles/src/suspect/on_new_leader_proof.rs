//! What `suspect.on_new_leader_proof` must do.

use super::definitions::{elect, reached, view_of};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::{NewLeaderProof, Prime};
use wire::{Config, Effect, Reject, Verified};

/// Whoever shows Q votes for a later view makes its leader elected here (5.3, "Preliminaries").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<NewLeaderProof>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.on_new_leader_proof", config, before);
    let (signer, proof) = (message.signer(), message.body());
    let votes = &proof.votes;
    let view = view_of(proof);
    let holds = votes.len() >= config.quorum()
        && votes.windows(2).all(|pair| pair[0].signer < pair[1].signer)
        && votes.iter().all(|vote| vote.body.view == view);
    if !holds {
        expected.since("rejects `Invalid` unless Q votes, ascending by signer, are for one view");
        expected.reject(signer, Reject::Invalid);
    } else if view == reached(before) {
        expected.since("rejects `Duplicate` if that is the view reached");
        expected.reject(signer, Reject::Duplicate);
    } else if view < reached(before) {
        expected.since("rejects `Stale` if it is below that");
        expected.reject(signer, Reject::Stale);
    } else {
        expected.since("`elect` follows with the votes as they are");
        elect(&mut expected, proof.clone());
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{config, effects, proof, reject, sign, state, trips, vote};
    use wire::prime::{NewLeaderProof, Prime};
    use wire::{Effect, List, Reject, To, View};

    fn promised(proof: NewLeaderProof) -> Vec<Effect<Prime>> {
        effects(|e| e.promise(To::Others, proof))
    }

    #[test]
    fn a_quorum_for_a_later_view_is_kept_and_shown() {
        let (config, before) = (config(), state());
        for by in [&[1, 3, 4][..], &[1, 2, 3, 4]] {
            let message = sign(3, proof(7, by));
            let mut after = before.clone();
            after.proof = Some(proof(7, by));
            let made = promised(proof(7, by));
            assert_eq!(check(&config, &before, &message, &after, &made), Ok(()));
            trips(check(&config, &before, &message, &before, &made), "proof");
            trips(check(&config, &before, &message, &after, &made[1..]), "effect 0");
            trips(check(&config, &before, &message, &after, &[]), "effects");
            let shorter = promised(proof(7, &by[1..]));
            trips(check(&config, &before, &message, &after, &shorter), "effect 0");
        }
    }

    #[test]
    fn what_proves_nothing_is_invalid_before_anything_else() {
        let (config, mut before) = (config(), state());
        before.view = View(3);
        let mut mixed = proof(7, &[1, 2, 3]).votes.to_vec();
        mixed[2] = vote(3, 8).signed().clone();
        let mixed = NewLeaderProof { votes: List::new(mixed).unwrap() };
        let mut waiting = before.clone();
        waiting.proof = Some(proof(5, &[1, 2, 4]));
        for (view, reason) in [(5, Reject::Duplicate), (4, Reject::Stale), (3, Reject::Stale)] {
            let (message, refused) = (sign(4, proof(view, &[1, 2, 3])), [reject(4, reason)]);
            assert_eq!(check(&config, &waiting, &message, &waiting, &refused), Ok(()));
            let mut after = waiting.clone();
            after.proof = Some(message.body().clone());
            let made = promised(message.body().clone());
            trips(check(&config, &waiting, &message, &after, &made), "effect 0");
        }
        for (shown, reason) in [
            (proof(7, &[1, 2]), Reject::Invalid),
            (proof(7, &[]), Reject::Invalid),
            (proof(7, &[1, 1, 2]), Reject::Invalid),
            (proof(7, &[1, 3, 2]), Reject::Invalid),
            (mixed, Reject::Invalid),
            (proof(3, &[1, 2]), Reject::Invalid),
            (proof(3, &[1, 2, 3]), Reject::Duplicate),
            (proof(2, &[1, 2, 3]), Reject::Stale),
        ] {
            let message = sign(4, shown.clone());
            let refused = [reject(4, reason)];
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            let mut after = before.clone();
            after.proof = Some(shown.clone());
            trips(check(&config, &before, &message, &after, &promised(shown)), "effect 0");
            trips(check(&config, &before, &message, &after, &refused), "proof");
            for other in [Reject::Invalid, Reject::Duplicate, Reject::Stale] {
                if other != reason {
                    let wrong = [reject(4, other)];
                    trips(check(&config, &before, &message, &before, &wrong), "effect 0");
                }
            }
        }
    }
}
