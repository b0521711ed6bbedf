//! What `checkpoint.on_checkpoint` must do.

use super::definitions::{judge, votes};
use crate::Finding;
use crate::expected::Expected;
use prime::checkpoint::State;
use wire::prime::{Checkpoint, Prime};
use wire::{Config, Effect, Reject, Seq, Verified};

/// Checkpoints of one sender that are held.
const MAX_VOTES: usize = 4;

/// One vote of each server for each number counts, and of the newest numbers only.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<Checkpoint>,
    after: &State,
    effects: &[Effect<Prime>],
    got: &bool,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("checkpoint.on_checkpoint", config, before);
    let (state, signer) = (message.body().state, message.signer());
    let held = &before.votes[signer.index()];
    let first = held.get(&state.seq).map(|vote| vote.body().state);
    let full = held.len() >= MAX_VOTES;
    let refused = if state.seq == Seq(0) || state.seq.0 % config.windows.checkpoint != 0 {
        Some(Reject::Invalid)
    } else if state.seq <= before.stable || full && held.keys().all(|&seq| state.seq < seq) {
        Some(Reject::Stale)
    } else {
        first.map(|first| if first == state { Reject::Duplicate } else { Reject::Equivocation })
    };
    if let Some(reason) = refused {
        expected.since("rejects Invalid, Stale, Duplicate, Equivocation, in this precedence");
        expected.reject(signer, reason);
    } else {
        expected.since("it is held, and of more than four the lowest is dropped");
        let held = &mut expected.state.votes[signer.index()];
        held.insert(state.seq, message.clone());
        if full {
            held.pop_first();
        }
    }
    let enough = refused.is_none() && votes(&expected.state, state).len() == config.one_correct();
    judge(&expected, after, effects)?;
    crate::answer(&expected.rule("answer: is it the (f+1)-th for its state"), &enough, got)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::checkpoint::kit::{
        config, hold, name, reject, state, trips, variant, vote, vote_for,
    };
    use prime::checkpoint::State;
    use wire::prime::{Checkpoint, Prime};
    use wire::{Effect, Reject, Seq, Verified};

    fn outcome(
        before: &State,
        message: &Verified<Checkpoint>,
        after: &State,
        made: &[Effect<Prime>],
        got: bool,
    ) -> Result<(), Finding> {
        check(&config(), before, message, after, made, &got)
    }

    /// Holds these.
    fn holding(votes: &[&Verified<Checkpoint>]) -> State {
        let mut state = state();
        votes.iter().for_each(|vote| hold(&mut state, vote));
        state
    }

    #[test]
    fn the_second_for_a_state_is_told_and_no_other() {
        let votes = [2, 3, 4].map(|i| vote(i, 1));
        let contrary = vote_for(1, variant(1, 1).0);
        let mut all = vec![&contrary];
        for (vote, told) in votes.iter().zip([false, true, false]) {
            let before = holding(&all);
            all.push(vote);
            let after = holding(&all);
            assert_eq!(outcome(&before, vote, &after, &[], told), Ok(()));
            trips(outcome(&before, vote, &after, &[], !told), "answer");
            trips(outcome(&before, vote, &before, &[], told), "votes");
            trips(outcome(&before, vote, &after, &[reject(2, Reject::Full)], told), "effect 0");
        }
    }

    #[test]
    fn odd_old_repeated_and_contrary_votes_are_rejected_in_this_order() {
        let held = [4, 5, 6, 7].map(|n| vote(2, n));
        let mut before = holding(&held.each_ref());
        before.stable = Seq(20);
        let odd = vote_for(2, wire::prime::StateId { seq: Seq(15), ..name(1) });
        for (message, reason) in [
            (odd, Reject::Invalid),
            (vote(2, 0), Reject::Invalid),
            (vote(2, 2), Reject::Stale),
            (vote(2, 3), Reject::Stale),
            (vote(2, 4), Reject::Duplicate),
            (vote_for(2, variant(4, 1).0), Reject::Equivocation),
        ] {
            let refused = [reject(2, reason)];
            assert_eq!(outcome(&before, &message, &before, &refused, false), Ok(()));
            trips(outcome(&before, &message, &before, &refused, true), "answer");
            let other = [reject(2, Reject::Full)];
            trips(outcome(&before, &message, &before, &other, false), "effect 0");
            let mut held = before.clone();
            held.votes[2] = before.votes[1].clone();
            trips(outcome(&before, &message, &held, &refused, false), "votes");
        }
        // Another server has room for it, however far ahead.
        for message in [vote(3, 3), vote(3, 9_999_999)] {
            let mut after = before.clone();
            hold(&mut after, &message);
            assert_eq!(outcome(&before, &message, &after, &[], false), Ok(()));
        }
    }

    #[test]
    fn the_newest_four_of_a_server_stay() {
        let held = [4, 5, 7, 8].map(|n| vote(2, n));
        let (before, message) = (holding(&held.each_ref()), vote(2, 6));
        let mut after = before.clone();
        hold(&mut after, &message);
        trips(outcome(&before, &message, &after, &[], false), "votes");
        after.votes[1].remove(&Seq(40));
        assert_eq!(outcome(&before, &message, &after, &[], false), Ok(()));
        trips(outcome(&before, &message, &before, &[reject(2, Reject::Stale)], false), "effect 0");
    }
}
