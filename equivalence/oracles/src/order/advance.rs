//! What `order.advance` must do.

use super::definitions::advance;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::order::State;
use wire::prime::Prime;
use wire::{Config, Effect, Seq};

/// The votes held for a number take it from accepted to prepared to ordered.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    seq: Seq,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.advance", config, before);
    expected.since("does what the votes held for `seq` allow");
    advance(&mut expected, seq);
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{
        accepted, at, certified, commit, config, effects, grown, logged, ordered, other, prepare,
        proposal, proposal_of, slot, state, trips,
    };
    use prime::order::State;
    use wire::{Record, ReplicaId, Seq, View};

    const ONE: Seq = Seq(1);

    /// Number 1 is accepted; servers 3 and 4 prepared it, and 1, 2 and 4 committed.
    fn full() -> State {
        let mut state = state();
        accepted(&mut state, 1);
        *at(&mut state, 1) = slot(&proposal(1), &[3, 4], &[1, 2, 4]);
        state
    }

    #[test]
    fn both_certificates_are_logged_in_order_with_the_commit_between() {
        let (config, mut before, pp) = (config(), full(), proposal(1));
        // Votes for something else count for nothing and are not logged.
        at(&mut before, 1).prepares.insert(ReplicaId(1), prepare(1, &other(1)));
        at(&mut before, 1).commits.insert(ReplicaId(3), commit(3, &other(1)));
        let mut after = before.clone();
        (at(&mut after, 1).prepared, at(&mut after, 1).committed) = (true, true);
        ordered(&mut after, 1);
        let emitted = effects(|e| {
            certified(e, &pp, &[3, 4]);
            logged(e, &pp, &[1, 2, 4]);
        });
        assert_eq!(check(&config, &before, ONE, &after, &emitted), Ok(()));
        let late = effects(|e| {
            logged(e, &pp, &[1, 2, 4]);
            certified(e, &pp, &[3, 4]);
        });
        trips(check(&config, &before, ONE, &after, &late), "effect 0");
        let all = effects(|e| {
            e.persist(Record::Held(prepare(1, &other(1)).into()));
            certified(e, &pp, &[3, 4]);
            logged(e, &pp, &[1, 2, 4]);
        });
        trips(check(&config, &before, ONE, &after, &all), "effect 0");
        trips(check(&config, &before, ONE, &before, &emitted), "ordered");
        // What is said already is not said again, and what no slot is known of, never.
        assert_eq!(check(&config, &after, ONE, &after, &[]), Ok(()));
        trips(check(&config, &after, ONE, &after, &emitted), "effect 0");
        assert_eq!(check(&config, &before, Seq(2), &before, &[]), Ok(()));
        trips(check(&config, &before, Seq(2), &after, &[]), "order.advance");
    }

    #[test]
    fn what_is_not_accepted_is_not_committed_to_but_may_be_ordered() {
        let (config, mut before, pp) = (config(), full(), proposal(1));
        accepted(&mut before, 0);
        let mut after = before.clone();
        at(&mut after, 1).committed = true;
        ordered(&mut after, 1);
        let emitted = effects(|e| {
            e.persist(Record::Held(pp.clone().into()));
            logged(e, &pp, &[1, 2, 4]);
        });
        assert_eq!(check(&config, &before, ONE, &after, &emitted), Ok(()));
        trips(check(&config, &before, ONE, &after, &emitted[1..]), "effect 0");
        at(&mut after, 1).prepared = true;
        trips(check(&config, &before, ONE, &after, &emitted), "prepared");
    }

    #[test]
    fn no_vote_for_an_old_view_nor_once_another_is_preinstalled() {
        let (config, pp) = (config(), proposal_of(0, 1, grown(1)));
        let (mut old, mut voteless) = (full(), full());
        *at(&mut old, 1) = slot(&pp, &[3, 4], &[]);
        at(&mut voteless, 1).commits.clear();
        voteless.preinstalled = View(2);
        for (before, pp) in [(old, pp), (voteless, proposal(1))] {
            assert_eq!(check(&config, &before, ONE, &before, &[]), Ok(()));
            let emitted = effects(|e| certified(e, &pp, &[3, 4]));
            trips(check(&config, &before, ONE, &before, &emitted), "effect 0");
        }
    }

    #[test]
    fn certificates_one_short_bring_nothing() {
        let (config, mut before, pp) = (config(), full(), proposal(1));
        *at(&mut before, 1) = slot(&pp, &[2, 4], &[1, 2]);
        let mut after = before.clone();
        (at(&mut after, 1).prepared, at(&mut after, 1).committed) = (true, true);
        assert_eq!(check(&config, &before, ONE, &before, &[]), Ok(()));
        let emitted = effects(|e| certified(e, &pp, &[2, 4]));
        trips(check(&config, &before, ONE, &after, &emitted), "effect 0");
        trips(check(&config, &before, ONE, &after, &[]), "prepared");
        at(&mut after, 1).prepared = false;
        trips(check(&config, &before, ONE, &after, &[]), "committed");
    }
}
