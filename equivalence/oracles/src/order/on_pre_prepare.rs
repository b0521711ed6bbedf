//! What `order.on_pre_prepare` must do.

use super::definitions::{accept, outside, refused, slot_in, slot_mut};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::order::State;
use wire::prime::{PrePrepare, PrePrepareConflict, Prime};
use wire::{Config, Effect, Reject, To, Verified};

/// The leader's first Pre-Prepare for a (view, number) is taken; another is proof against it.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<PrePrepare>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.on_pre_prepare", config, before);
    let (signer, &PrePrepare { view, seq, .. }) = (message.signer(), message.body());
    let installed = view == before.view;
    let held = slot_in(before, view, seq).and_then(|slot| slot.pre_prepare.as_ref());
    let same = held.is_some_and(|held| held.digest() == message.digest());

    let outside = outside(config, before, (view, seq), signer == config.leader_of(view));
    let proof = held.filter(|_| !same && outside.iter().all(|(holds, ..)| !holds));
    if let Some(held) = proof.filter(|_| installed && !before.leader_accused) {
        expected.since("a `PrePrepareConflict` is emitted before the reject");
        expected.state.leader_accused = true;
        let (first, second) = (held.signed().clone(), message.signed().clone());
        expected.send(To::All, PrePrepareConflict { first, second });
    }
    let grounds = outside.into_iter().chain([
        (same, Reject::Duplicate, "`Duplicate` if one with the same digest is held"),
        (held.is_some(), Reject::Equivocation, "`Equivocation` if another is held"),
    ]);
    if !refused(&mut expected, signer, grounds) {
        expected.since("it enters the slot, and, if its view is installed, `accept` follows");
        slot_mut(&mut expected.state, view, seq).pre_prepare = Some(message.clone());
        if installed {
            accept(&mut expected);
        }
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{
        accepted, at, between, config, done, effects, grown, ordered, other, proposal, proposal_of,
        reject, sign, slot, state, trips, voted,
    };
    use wire::prime::{PrePrepare, PrePrepareConflict};
    use wire::{Reject, Seq, To, Verified};

    #[test]
    fn the_next_in_turn_is_accepted_with_what_waited_for_it() {
        let (config, pp) = (config(), proposal(1));
        let mut before = state();
        *at(&mut before, 2) = slot(&proposal(2), &[], &[]);
        let mut after = before.clone();
        *at(&mut after, 1) = slot(&pp, &[], &[]);
        accepted(&mut after, 2);
        after.tokens = 1;
        let emitted = effects(|e| {
            voted(e, &pp);
            voted(e, &proposal(2));
        });
        assert_eq!(check(&config, &before, &pp, &after, &emitted), Ok(()));
        // The second is not looked at, or flooded twice to its signer's, or costs nothing.
        trips(check(&config, &before, &pp, &after, &emitted[..5]), "effects");
        let mut swapped = emitted.clone();
        swapped.swap(1, 2);
        trips(check(&config, &before, &pp, &after, &swapped), "effect 1");
        after.tokens = 3;
        trips(check(&config, &before, &pp, &after, &emitted), "tokens");
    }

    #[test]
    fn out_of_turn_or_early_it_waits() {
        let (config, before) = (config(), between());
        let late = proposal(2);
        let mut after = before.clone();
        *at(&mut after, 2) = slot(&late, &[], &[]);
        assert_eq!(check(&config, &before, &late, &after, &[]), Ok(()));
        trips(check(&config, &before, &late, &before, &[]), "slots");
        let early = proposal_of(2, 1, grown(1));
        let mut after = before.clone();
        after.early.insert(Seq(1), slot(&early, &[], &[]));
        assert_eq!(check(&config, &before, &early, &after, &[]), Ok(()));
        let mut mixed = before.clone();
        *at(&mut mixed, 1) = slot(&early, &[], &[]);
        trips(check(&config, &before, &early, &mixed, &[]), "early");
    }

    #[test]
    fn another_for_the_same_number_is_proof_once() {
        let (config, held, second) = (config(), proposal(1), other(1));
        let mut before = state();
        *at(&mut before, 1) = slot(&held, &[], &[]);
        accepted(&mut before, 1);
        let mut after = before.clone();
        after.leader_accused = true;
        let proof = |first: &Verified<PrePrepare>, second: &Verified<PrePrepare>| {
            let (first, second) = (first.signed().clone(), second.signed().clone());
            let mut made = effects(|e| e.send(To::All, PrePrepareConflict { first, second }));
            made.push(reject(2, Reject::Equivocation));
            made
        };
        let emitted = proof(&held, &second);
        assert_eq!(check(&config, &before, &second, &after, &emitted), Ok(()));
        trips(check(&config, &before, &second, &after, &proof(&second, &held)), "effect 0");
        trips(check(&config, &before, &second, &before, &emitted), "leader_accused");
        trips(check(&config, &after, &second, &after, &emitted), "effect 0");
        assert_eq!(check(&config, &after, &second, &after, &emitted[1..]), Ok(()));
        let mut replaced = after;
        at(&mut replaced, 1).pre_prepare = Some(second.clone());
        trips(check(&config, &before, &second, &replaced, &emitted), "pre_prepare");
    }

    #[test]
    fn rejects_come_in_their_precedence() {
        let config = config();
        let mut before = between();
        ordered(&mut before, 2);
        *at(&mut before, 4) = done(&proposal_of(0, 4, grown(4)));
        *at(&mut before, 5) = slot(&proposal(5), &[], &[]);
        for (by, view, seq, reason) in [
            (4, 3, 1, Reject::WrongView),
            (3, 1, 2, Reject::NotEntitled),
            (2, 2, 99, Reject::NotEntitled),
            (2, 1, 2, Reject::Stale),
            (2, 1, 4, Reject::Stale),
            (3, 2, 67, Reject::BeyondWindow),
            (2, 1, 5, Reject::Duplicate),
        ] {
            let body = proposal_of(view, seq, grown(seq)).body().clone();
            let (message, refused) = (sign(by, body), [reject(by, reason)]);
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            let wrong = [reject(by, Reject::Malformed)];
            trips(check(&config, &before, &message, &before, &wrong), "effect 0");
        }
    }
}
