//! What `view_change.on_replay_commit` must do.

use super::definitions::{judge, outside, round_mut};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::{Prime, ReplayCommit};
use wire::{Config, Effect, Verified};

/// The first Replay-Commit of each server is kept, the leader's too (5.3, "Replay Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<ReplayCommit>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.on_replay_commit", config, before);
    let (signer, &ReplayCommit { view, digest }) = (message.signer(), message.body());
    let held = before.rounds.get(&view).and_then(|round| round.commits.get(&signer));
    let voted = held.map(|vote| vote.body().digest);
    if let Some(reason) = outside(before, view) {
        expected.since("rejects what `state.outside` says of its view");
        expected.reject(signer, reason);
    } else if !expected.refuses_a_second(signer, voted, digest) {
        expected.since("it enters the round's `commits`, whether or not the Replay has come");
        round_mut(&mut expected.state, view).commits.insert(signer, message.clone());
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{changing, config, digest, now_in, reject, sign, trips};
    use wire::prime::ReplayCommit;
    use wire::{Reject, ReplicaId, View};

    #[test]
    fn the_first_vote_enters_the_leaders_too() {
        let (config, before) = (config(), changing(5));
        for (by, view) in [(2, View(5)), (4, View(5)), (4, View(6))] {
            let message = sign(by, ReplayCommit { view, digest: digest("any") });
            let mut after = before.clone();
            let round = after.rounds.entry(view).or_default();
            round.commits.insert(ReplicaId(by), message.clone());
            assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
            trips(check(&config, &before, &message, &before, &[]), "[rounds");
            let refused = [reject(by, Reject::NotEntitled)];
            trips(check(&config, &before, &message, &before, &refused), "effect 0");
        }
    }

    #[test]
    fn what_is_refused_changes_nothing() {
        let (config, mut before) = (config(), changing(5));
        let vote = |view, of| sign(4, ReplayCommit { view: View(view), digest: digest(of) });
        now_in(&mut before).commits.insert(ReplicaId(4), vote(5, "any"));
        for (message, reason) in [
            (vote(0, "any"), Reject::Stale),
            (vote(4, "any"), Reject::Stale),
            (vote(7, "any"), Reject::BeyondWindow),
            (vote(5, "any"), Reject::Duplicate),
            (vote(5, "other"), Reject::Equivocation),
        ] {
            let refused = [reject(4, reason)];
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            trips(check(&config, &before, &message, &before, &[]), "effects");
            let mut replaced = before.clone();
            now_in(&mut replaced).commits.insert(ReplicaId(4), vote(5, "third"));
            trips(check(&config, &before, &message, &replaced, &refused), "commits.r4");
        }
        let mut installed = before.clone();
        (installed.installed, installed.rounds) = (View(5), [].into());
        let over = [reject(4, Reject::Stale)];
        assert_eq!(check(&config, &installed, &vote(5, "any"), &installed, &over), Ok(()));
    }
}
