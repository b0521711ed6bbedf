//! What `view_change.on_replay_prepare` must do.

use super::definitions::{judge, outside, round_mut};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::{Prime, ReplayPrepare};
use wire::{Config, Effect, Reject, Verified};

/// The first Replay-Prepare of each server but the leader is kept (5.3, "Replay Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<ReplayPrepare>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.on_replay_prepare", config, before);
    let (signer, &ReplayPrepare { view, digest }) = (message.signer(), message.body());
    let held = before.rounds.get(&view).and_then(|round| round.prepares.get(&signer));
    let voted = held.map(|vote| vote.body().digest);
    if let Some(reason) = outside(before, view) {
        expected.since("rejects what `state.outside` says of its view");
        expected.reject(signer, reason);
    } else if signer == config.leader_of(view) {
        expected.since("rejects `NotEntitled` if its signer is that view's leader");
        expected.reject(signer, Reject::NotEntitled);
    } else if !expected.refuses_a_second(signer, voted, digest) {
        expected.since("it enters the round's `prepares`, whether or not the Replay has come");
        round_mut(&mut expected.state, view).prepares.insert(signer, message.clone());
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{changing, config, digest, now_in, reject, sign, trips};
    use wire::prime::ReplayPrepare;
    use wire::{Reject, ReplicaId, View};

    #[test]
    fn the_first_vote_enters_also_of_the_next_view() {
        let (config, before) = (config(), changing(5));
        for view in [View(5), View(6)] {
            let message = sign(4, ReplayPrepare { view, digest: digest("any") });
            let mut after = before.clone();
            let round = after.rounds.entry(view).or_default();
            round.prepares.insert(ReplicaId(4), message.clone());
            assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
            trips(check(&config, &before, &message, &before, &[]), "[rounds");
            let extra = [reject(4, Reject::Premature)];
            trips(check(&config, &before, &message, &after, &extra), "effect 0");
        }
    }

    #[test]
    fn what_is_refused_changes_nothing_and_the_leader_does_not_vote() {
        let (config, mut before) = (config(), changing(5));
        let vote = |by, view, of| sign(by, ReplayPrepare { view: View(view), digest: digest(of) });
        for by in [2, 4] {
            now_in(&mut before).prepares.insert(ReplicaId(by), vote(by, 5, "any"));
        }
        for (message, reason) in [
            (vote(1, 4, "any"), Reject::Stale),
            (vote(4, 7, "any"), Reject::BeyondWindow),
            (vote(2, 5, "any"), Reject::NotEntitled),
            (vote(4, 5, "any"), Reject::Duplicate),
            (vote(4, 5, "other"), Reject::Equivocation),
        ] {
            let by = message.signer();
            let refused = [reject(by.0, reason)];
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            trips(check(&config, &before, &message, &before, &[]), "effects");
            let wrong = [reject(by.0, Reject::Invalid)];
            trips(check(&config, &before, &message, &before, &wrong), "effect 0");
            let mut replaced = before.clone();
            now_in(&mut replaced).prepares.insert(ReplicaId(4), vote(4, 5, "third"));
            trips(check(&config, &before, &message, &replaced, &refused), "prepares.r4");
        }
    }
}
