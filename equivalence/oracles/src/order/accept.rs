//! What `order.accept` must do.

use super::definitions::accept;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::order::State;
use wire::prime::Prime;
use wire::{Config, Effect};

/// Every Pre-Prepare that is next in turn is accepted, in order (4.1; 4.2, "Pre-Prepare Flooding").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.accept", config, before);
    expected.since("while the slot of `accepted + 1` holds a Pre-Prepare it is accepted");
    accept(&mut expected);
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::order::kit::{
        accepted, at, certified, config, done, effects, grown, logged, ordered, proposal,
        proposal_of, reject, slot, state, trips, voted,
    };
    use prime::order::{OrderSlot, State};
    use wire::prime::Prime;
    use wire::{Effect, Record, Reject, Seq, View};

    /// 1 and 3 wait.
    fn waiting() -> State {
        let mut state = state();
        *at(&mut state, 1) = slot(&proposal(1), &[], &[]);
        *at(&mut state, 3) = slot(&proposal(3), &[], &[]);
        state
    }

    fn one() -> Vec<Effect<Prime>> {
        effects(|e| voted(e, &proposal(1)))
    }

    #[test]
    fn a_gap_stops_it() {
        let (config, before) = (config(), waiting());
        let mut after = before.clone();
        accepted(&mut after, 1);
        after.tokens = 2;
        assert_eq!(check(&config, &before, &after, &one()), Ok(()));
        trips(check(&config, &before, &after, &one()[1..]), "effect 0");
        trips(check(&config, &before, &before, &one()), "accepted");
        let more = effects(|e| {
            voted(e, &proposal(1));
            voted(e, &proposal(3));
        });
        trips(check(&config, &before, &after, &more), "effect 5");
        let mut unproposed = after.clone();
        (unproposed.proposed, unproposed.proposal) = (Seq(0), grown(0));
        trips(check(&config, &before, &unproposed, &one()), "proposed");
    }

    #[test]
    fn nothing_is_accepted_between_views_or_without_a_token() {
        let config = config();
        let (mut voteless, mut empty) = (waiting(), waiting());
        voteless.preinstalled = View(2);
        empty.tokens = 0;
        // Without a token not even an invalid one is looked at.
        let mut invalid = empty.clone();
        at(&mut invalid, 1).pre_prepare = Some(proposal_of(1, 1, grown(0)));
        for before in [voteless, empty, invalid] {
            assert_eq!(check(&config, &before, &before, &[]), Ok(()));
            trips(check(&config, &before, &before, &one()), "effect 0");
        }
    }

    #[test]
    fn an_own_or_committed_one_costs_no_token_and_brings_no_vote() {
        let config = config();
        let (mut own, mut vouched) = (waiting(), waiting());
        (own.view, own.preinstalled, own.tokens, vouched.tokens) = (View(4), View(4), 0, 0);
        let mine = proposal_of(4, 1, grown(1));
        *at(&mut own, 1) = slot(&mine, &[], &[]);
        // A commit certificate vouches even for what does not follow.
        let null = proposal_of(3, 1, grown(0));
        *at(&mut vouched, 1) = done(&null);
        for (before, pp, by) in [(own, mine, 1), (vouched, null, 0)] {
            let mut after = before.clone();
            accepted(&mut after, 1);
            (after.preceding, after.proposal) = (grown(by), grown(by));
            if by == 0 {
                (after.ordered, after.ordered_matrix) = (Seq(1), grown(0));
            }
            let emitted = effects(|e| e.persist(Record::Held(pp.clone().into())));
            assert_eq!(check(&config, &before, &after, &emitted), Ok(()));
            let more = effects(|e| voted(e, &pp));
            trips(check(&config, &before, &after, &more), "effect 1");
        }
    }

    #[test]
    fn an_invalid_one_is_removed_and_its_signer_named() {
        let (config, mut before) = (config(), waiting());
        accepted(&mut before, 2);
        *at(&mut before, 3) = slot(&proposal_of(1, 3, grown(2)), &[4], &[]);
        *at(&mut before, 4) = slot(&proposal(4), &[], &[]);
        let mut after = before.clone();
        at(&mut after, 3).pre_prepare = None;
        let refused = [reject(2, Reject::Invalid)];
        assert_eq!(check(&config, &before, &after, &refused), Ok(()));
        trips(check(&config, &before, &before, &refused), "pre_prepare");
        let mut dropped = after.clone();
        dropped.slots.remove(&Seq(3));
        trips(check(&config, &before, &dropped, &refused), "slots");
        trips(check(&config, &before, &after, &[reject(1, Reject::Invalid)]), "effect 0");
    }

    #[test]
    fn votes_that_came_first_are_counted_and_what_is_ordered_is_passed_over() {
        let (config, mut before) = (config(), waiting());
        *at(&mut before, 1) = slot(&proposal(1), &[3, 4], &[2, 3, 4]);
        *at(&mut before, 2) = OrderSlot { committed: true, replayed: true, ..Default::default() };
        let mut after = before.clone();
        at(&mut after, 1).prepared = true;
        at(&mut after, 1).committed = true;
        ordered(&mut after, 3);
        (after.ordered, after.ordered_matrix) = (Seq(2), grown(1));
        after.tokens = 1;
        let emitted = effects(|e| {
            voted(e, &proposal(1));
            certified(e, &proposal(1), &[3, 4]);
            logged(e, &proposal(1), &[2, 3, 4]);
            voted(e, &proposal(3));
        });
        assert_eq!(check(&config, &before, &after, &emitted), Ok(()));
        let mut swapped = emitted.clone();
        swapped.swap(5, 9);
        trips(check(&config, &before, &after, &swapped), "effect 5");
        trips(check(&config, &before, &after, &emitted[..12]), "effects");
    }
}
