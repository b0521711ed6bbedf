//! What `view_change.on_replay_conflict` must do.

use super::definitions::{judge, outside, round_mut};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::auth::Context;
use wire::prime::{Prime, ReplayConflict};
use wire::{Config, Effect, Reject, To, Verified};

/// Proof that a leader signed two different Replays is kept and passed on (5.3, last paragraph).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<ReplayConflict>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.on_replay_conflict", config, before);
    let (first, second) = message.pair(&Context::from(config));
    let view = first.body().constraint.view;
    let convicts = first.signer() == second.signer()
        && view == second.body().constraint.view
        && first.digest() != second.digest()
        && first.signer() == config.leader_of(view);
    let known = before.rounds.get(&view);
    if !convicts {
        expected.since("rejects `Invalid` unless a view's leader signed two different ones in it");
        expected.reject(message.signer(), Reject::Invalid);
    } else if let Some(reason) = outside(before, view) {
        expected.since("rejects what `state.outside` says of the view");
        expected.reject(message.signer(), reason);
    } else if known.is_some_and(|round| round.conflict.is_some()) {
        expected.since("rejects `Duplicate` if the round's `conflict` is held already");
        expected.reject(message.signer(), Reject::Duplicate);
    } else {
        expected.since("it becomes the round's `conflict`, passed on unless `accused`");
        let round = round_mut(&mut expected.state, view);
        round.conflict = Some(message.clone());
        round.accused = true;
        if !known.is_some_and(|round| round.accused) {
            expected.relay(To::Others, message.clone());
        }
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, chooses, config, constraint, now_in, proof, reject, relayed, resolution, sign,
        trips,
    };
    use wire::prime::{Replay, ReplayConflict};
    use wire::{Reject, Signed, To, Verified, View};

    /// Of `view`, by `signer`, with so many no-ops.
    fn replay(signer: u16, view: u64, noops: usize) -> Signed<Replay> {
        let constraint = constraint(view, &resolution(4, &vec![false; noops]));
        sign(signer, chooses(proof(&[], &constraint))).signed().clone()
    }

    fn conflict(view: u64) -> Verified<ReplayConflict> {
        let leader = config().leader_of(View(view)).0;
        let (first, second) = (replay(leader, view, 0), replay(leader, view, 1));
        sign(3, ReplayConflict { first, second })
    }

    #[test]
    fn a_proof_is_kept_and_passed_on_once() {
        let (config, before) = (config(), changing(5));
        for view in [5, 6] {
            let message = conflict(view);
            let mut after = before.clone();
            let round = after.rounds.entry(View(view)).or_default();
            (round.conflict, round.accused) = (Some(message.clone()), true);
            let made = [relayed(To::Others, message.clone())];
            assert_eq!(check(&config, &before, &message, &after, &made), Ok(()));
            trips(check(&config, &before, &message, &after, &[]), "effects");
            let all = [relayed(To::All, message.clone())];
            trips(check(&config, &before, &message, &after, &all), "effect 0");
            let round = after.rounds.get_mut(&View(view)).unwrap();
            round.accused = false;
            trips(check(&config, &before, &message, &after, &made), "accused");
        }
        let (mut found, message) = (before, conflict(5));
        now_in(&mut found).accused = true;
        let mut after = found.clone();
        now_in(&mut after).conflict = Some(message.clone());
        assert_eq!(check(&config, &found, &message, &after, &[]), Ok(()));
        let again = [relayed(To::Others, message.clone())];
        trips(check(&config, &found, &message, &after, &again), "effect 0");
    }

    #[test]
    fn what_convicts_nobody_is_refused_before_its_view_is_looked_at() {
        let (config, before) = (config(), changing(5));
        for (first, second, reason) in [
            (replay(2, 5, 0), replay(2, 5, 0), Reject::Invalid),
            (replay(2, 5, 0), replay(4, 5, 1), Reject::Invalid),
            (replay(2, 5, 0), replay(2, 1, 1), Reject::Invalid),
            (replay(4, 5, 0), replay(4, 5, 1), Reject::Invalid),
            (replay(4, 4, 0), replay(4, 4, 1), Reject::Invalid),
            (replay(1, 4, 0), replay(1, 4, 1), Reject::Stale),
            (replay(4, 7, 0), replay(4, 7, 1), Reject::BeyondWindow),
        ] {
            let message = sign(3, ReplayConflict { first, second });
            let refused = [reject(3, reason)];
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            trips(check(&config, &before, &message, &before, &[]), "effects");
            let accuses = [reject(2, reason)];
            trips(check(&config, &before, &message, &before, &accuses), "effect 0");
            let mut kept = before.clone();
            now_in(&mut kept).conflict = Some(message.clone());
            trips(check(&config, &before, &message, &kept, &refused), "conflict");
        }
        let mut held = before;
        now_in(&mut held).conflict = Some(conflict(5));
        let duplicate = [reject(3, Reject::Duplicate)];
        assert_eq!(check(&config, &held, &conflict(5), &held, &duplicate), Ok(()));
    }
}
