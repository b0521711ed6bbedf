//! What `view_change.on_replay` must do.

use super::definitions::{judge, outside, proven, round_mut};
use crate::Finding;
use crate::expected::Expected;
use prime::view_change::State;
use wire::prime::{Prime, Replay, ReplayConflict};
use wire::{Config, Effect, Reject, To, Verified};

/// The first proven Replay of a leader is kept, and two are proof against it (5.3, "Replay Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<Replay>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("view_change.on_replay", config, before);
    let (signer, replay) = (message.signer(), message.body());
    let view = replay.constraint.view;
    let known = before.rounds.get(&view);
    let held = known.and_then(|round| round.replay.as_ref());
    if let Some(reason) = outside(before, view) {
        expected.since("rejects what `state.outside` says of its view");
        expected.reject(signer, reason);
    } else if signer != config.leader_of(view) {
        expected.since("rejects `NotEntitled` if its signer is not that view's leader");
        expected.reject(signer, Reject::NotEntitled);
    } else if held.is_some_and(|held| held.digest() == message.digest()) {
        expected.since("rejects `Duplicate` if the round's `replay` has the same digest");
        expected.reject(signer, Reject::Duplicate);
    } else if let Some(held) = held {
        expected.since("rejects `Equivocation` if it has another digest, with proof once");
        if known.is_some_and(|round| !round.accused) {
            round_mut(&mut expected.state, view).accused = true;
            let (first, second) = (held.signed().clone(), message.signed().clone());
            expected.send(To::All, ReplayConflict { first, second });
        }
        expected.reject(signer, Reject::Equivocation);
    } else if !proven(config, &replay.constraint, &replay.proof) {
        expected
            .since("rejects `Invalid` unless at least Q distinct servers signed its constraint");
        expected.reject(signer, Reject::Invalid);
    } else {
        expected.since("otherwise it becomes the round's `replay`");
        round_mut(&mut expected.state, view).replay = Some(message.clone());
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::view_change::kit::{
        changing, chooses, config, constraint, join, now_in, partials, proof, reject, replay,
        resolution, sent, sign, trips,
    };
    use wire::prime::{Constraint, Proof, Replay, ReplayConflict};
    use wire::{Reject, To, Verified, View};

    fn any(view: u64) -> Constraint {
        constraint(view, &resolution(4, &[true]))
    }

    fn other(view: u64) -> Constraint {
        constraint(view, &resolution(4, &[false, true]))
    }

    fn by(signer: u16, signed: &[u16], constraint: &Constraint) -> Verified<Replay> {
        sign(signer, chooses(proof(signed, constraint)))
    }

    #[test]
    fn the_first_proven_one_is_kept() {
        let (config, before) = (config(), changing(5));
        for view in [5, 6] {
            let message = replay(&any(view));
            let mut after = before.clone();
            after.rounds.entry(View(view)).or_default().replay = Some(message.clone());
            assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
            trips(check(&config, &before, &message, &before, &[]), "[rounds");
        }
    }

    #[test]
    fn q_distinct_servers_must_have_signed_this_constraint() {
        let (config, before) = (config(), changing(5));
        let mut mixed = chooses(proof(&[1, 2], &any(5)));
        let (own, foreign) = (partials(&[1, 2], &any(5)), partials(&[3], &other(5)));
        mixed.proof = Proof::Certificate(join(&own, &foreign));
        for message in [by(2, &[1, 2], &any(5)), by(2, &[1, 2, 2], &any(5)), sign(2, mixed)] {
            let refused = [reject(2, Reject::Invalid)];
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            let mut taken = before.clone();
            now_in(&mut taken).replay = Some(message.clone());
            trips(check(&config, &before, &message, &taken, &[]), "effects");
            trips(check(&config, &before, &message, &taken, &refused), "replay");
        }
        // Of the next view, of which nothing is known: no round is made, not even an empty one.
        let (message, refused) = (by(3, &[1, 2], &any(6)), [reject(3, Reject::Invalid)]);
        assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
        let mut after = before.clone();
        after.rounds.entry(View(6)).or_default();
        trips(check(&config, &before, &message, &after, &refused), "rounds");
        after.rounds.entry(View(6)).or_default().accused = true;
        trips(check(&config, &before, &message, &after, &refused), "rounds");
    }

    #[test]
    fn reasons_come_in_their_order_and_the_one_held_stays_with_its_proof() {
        let (config, mut before) = (config(), changing(5));
        let held = replay(&any(5));
        now_in(&mut before).replay = Some(held);
        now_in(&mut before).accused = true;
        for (message, reason) in [
            (by(3, &[], &any(4)), Reject::Stale),
            (by(3, &[], &any(7)), Reject::BeyondWindow),
            (by(3, &[1, 2, 3], &any(5)), Reject::NotEntitled),
            (by(2, &[], &any(5)), Reject::Duplicate),
            (by(2, &[], &other(5)), Reject::Equivocation),
        ] {
            let from = message.signer().0;
            let refused = [reject(from, reason)];
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            let wrong = [reject(from, Reject::Invalid)];
            trips(check(&config, &before, &message, &before, &wrong), "effect 0");
            let mut replaced = before.clone();
            now_in(&mut replaced).replay = Some(by(2, &[2, 3, 4], &any(5)));
            trips(check(&config, &before, &message, &replaced, &refused), "who signed the Replay");
        }
    }

    #[test]
    fn two_are_proof_against_their_leader_once_and_before_the_reject() {
        let (config, mut before) = (config(), changing(5));
        let (held, message) = (replay(&any(5)), by(2, &[], &other(5)));
        now_in(&mut before).replay = Some(held.clone());
        let mut after = before.clone();
        now_in(&mut after).accused = true;
        let (first, second) = (held.signed().clone(), message.signed().clone());
        let conflict = ReplayConflict { first: first.clone(), second: second.clone() };
        let made = [sent(To::All, conflict.clone()), reject(2, Reject::Equivocation)];
        assert_eq!(check(&config, &before, &message, &after, &made), Ok(()));
        trips(check(&config, &before, &message, &before, &made), "accused");
        trips(check(&config, &before, &message, &after, &made[1..]), "effect 0");
        let swapped = ReplayConflict { first: second, second: first };
        for to in [sent(To::All, swapped), sent(To::Others, conflict)] {
            let made = [to, reject(2, Reject::Equivocation)];
            trips(check(&config, &before, &message, &after, &made), "effect 0");
        }
    }
}
