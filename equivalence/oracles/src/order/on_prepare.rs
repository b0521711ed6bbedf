//! What `order.on_prepare` must do.

use super::definitions::{advance, outside, refused, slot_in, slot_mut};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::order::State;
use wire::prime::{Prepare, Prime};
use wire::{Config, Effect, Reject, Verified};

/// One Prepare of each server but the leader is counted for each (view, number), the first.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<Prepare>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.on_prepare", config, before);
    let (signer, &Prepare { view, seq, digest }) = (message.signer(), message.body());
    let entitled = signer != config.leader_of(view);
    let held = slot_in(before, view, seq).and_then(|slot| slot.prepares.get(&signer));
    let held = held.map(|vote| vote.body().digest);
    let grounds = outside(config, before, (view, seq), entitled).into_iter().chain([
        (held == Some(digest), Reject::Duplicate, "`Duplicate` if one with its digest is held"),
        (held.is_some(), Reject::Equivocation, "`Equivocation` if another is held"),
    ]);
    if !refused(&mut expected, signer, grounds) {
        expected.since("it enters the slot, and, if its view is installed, `advance` follows");
        let slot = slot_mut(&mut expected.state, view, seq);
        slot.prepares.insert(signer, message.clone());
        if view == before.view {
            advance(&mut expected, seq);
        }
    }
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{
        accepted, at, between, certified, config, done, effects, grown, ordered, other, prepare,
        proposal, proposal_of, reject, slot, state, trips,
    };
    use wire::{Reject, ReplicaId, Seq, View};

    #[test]
    fn two_prepares_beside_the_leaders_proposal_bring_a_commit() {
        let (config, pp) = (config(), proposal(1));
        let mut before = state();
        accepted(&mut before, 1);
        *at(&mut before, 1) = slot(&pp, &[4], &[]);
        let mut after = before.clone();
        *at(&mut after, 1) = slot(&pp, &[3, 4], &[]);
        at(&mut after, 1).prepared = true;
        let emitted = effects(|e| certified(e, &pp, &[3, 4]));
        let message = prepare(3, &pp);
        assert_eq!(check(&config, &before, &message, &after, &emitted), Ok(()));
        trips(check(&config, &before, &message, &after, &[]), "effects");
        trips(check(&config, &before, &message, &after, &emitted[1..]), "effect 0");
        let mut twice = after.clone();
        at(&mut twice, 1).prepared = false;
        trips(check(&config, &before, &message, &twice, &emitted), "prepared");

        // Not while it is not accepted; not once another view is preinstalled.
        let mut unaccepted = (before.clone(), after.clone());
        accepted(&mut unaccepted.0, 0);
        accepted(&mut unaccepted.1, 0);
        let mut voteless = (before.clone(), after.clone());
        (voteless.0.preinstalled, voteless.1.preinstalled) = (View(2), View(2));
        // Not without the second: one is for something else.
        let mut split = (before, after);
        at(&mut split.0, 1).prepares.insert(ReplicaId(4), prepare(4, &other(1)));
        at(&mut split.1, 1).prepares.insert(ReplicaId(4), prepare(4, &other(1)));
        for (before, mut after) in [unaccepted, voteless, split] {
            trips(check(&config, &before, &message, &after, &emitted), "effect 0");
            at(&mut after, 1).prepared = false;
            assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
        }
    }

    #[test]
    fn a_prepare_comes_before_its_pre_prepare_and_the_first_stays() {
        let (config, pp) = (config(), proposal(3));
        let (before, message) = (state(), prepare(3, &pp));
        let mut after = before.clone();
        at(&mut after, 3).prepares.insert(ReplicaId(3), message.clone());
        assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
        trips(check(&config, &before, &message, &before, &[]), "slots");
        for (again, reason) in [(pp, Reject::Duplicate), (other(3), Reject::Equivocation)] {
            let (again, refused) = (prepare(3, &again), [reject(3, reason)]);
            assert_eq!(check(&config, &after, &again, &after, &refused), Ok(()));
            trips(check(&config, &after, &again, &after, &[]), "effects");
            let mut replaced = after.clone();
            at(&mut replaced, 3).prepares.insert(ReplicaId(3), prepare(3, &proposal(9)));
            trips(check(&config, &after, &again, &replaced, &refused), "prepares.r3");
        }
    }

    #[test]
    fn rejects_come_in_their_precedence() {
        let config = config();
        let mut before = between();
        ordered(&mut before, 2);
        *at(&mut before, 4) = done(&proposal_of(0, 4, grown(4)));
        for (by, view, seq, reason) in [
            (4, 3, 1, Reject::WrongView),
            (2, 1, 2, Reject::NotEntitled),
            (3, 2, 99, Reject::NotEntitled),
            (3, 1, 2, Reject::Stale),
            (2, 2, 4, Reject::Stale),
            (3, 1, 67, Reject::BeyondWindow),
        ] {
            let message = prepare(by, &proposal_of(view, seq, grown(seq)));
            let refused = [reject(by, reason)];
            assert_eq!(check(&config, &before, &message, &before, &refused), Ok(()));
            trips(check(&config, &before, &message, &before, &[]), "effects");
            let wrong = [reject(by, Reject::Malformed)];
            trips(check(&config, &before, &message, &before, &wrong), "effect 0");
        }
        let message = prepare(4, &proposal_of(2, 66, grown(66)));
        let mut after = before.clone();
        after.early.entry(Seq(66)).or_default().prepares.insert(ReplicaId(4), message.clone());
        assert_eq!(check(&config, &before, &message, &after, &[]), Ok(()));
        trips(check(&config, &before, &message, &before, &[]), "early");
    }
}
