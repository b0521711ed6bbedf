//! What `order.install` must do.

use super::definitions::{accept, advance, settle};
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::order::{OrderSlot, State};
use std::collections::BTreeMap;
use wire::prime::{PrePrepare, Prime};
use wire::{Config, Effect, Seq, Verified, View};

/// What a number below `startSeq` was resolved to; none: a no-op.
type Bound = BTreeMap<Seq, Option<Verified<PrePrepare>>>;

/// Ordering begins in `view` with number `start_seq` (5.3, "Replay Phase").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    view: View,
    start_seq: Seq,
    bound: &Bound,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("order.install", config, before);
    expected.since("numbers below `start_seq` are ordered as resolved, the rest is dropped");
    let state = &mut expected.state;
    resolve(state, start_seq, bound);
    settle(state);
    (state.view, state.start_seq) = (view, start_seq);
    if view > state.preinstalled {
        state.preinstalled = view;
        state.early = BTreeMap::new();
    }
    (state.accepted, state.preceding) = (state.ordered, state.ordered_matrix.clone());
    (state.proposed, state.proposal) = (state.ordered, state.ordered_matrix.clone());
    state.promised = BTreeMap::new();
    (state.leader_proof, state.leader_accused) = (None, false);
    state.tokens = config.windows.order;
    if view == state.preinstalled {
        expected.since("of the preinstalled view, what came `early` is taken up");
        take_up(&mut expected);
    }
    expected.judge(after, Order::Fixed, effects)
}

/// Above `ordered`: what is committed stays, the other numbers below `start_seq` are as resolved,
/// and those from there on are dropped.
fn resolve(state: &mut State, start_seq: Seq, bound: &Bound) {
    let ordered = state.ordered;
    state.slots.retain(|n, slot| slot.committed || *n < start_seq);
    for (n, pre_prepare) in bound.iter().filter(|(n, _)| ordered < **n && **n < start_seq) {
        let held = state.slots.get(n).is_some_and(|slot| slot.committed);
        if !held {
            let pre_prepare = pre_prepare.clone();
            let (committed, replayed) = (true, true);
            let slot = OrderSlot { pre_prepare, committed, replayed, ..OrderSlot::default() };
            state.slots.insert(*n, slot);
        }
    }
}

/// What came early, above `ordered` and where nothing is held, counts from now on.
fn take_up(expected: &mut Expected<'_, State>) {
    let state = &mut expected.state;
    let mut early = std::mem::take(&mut state.early);
    early.retain(|n, _| *n > state.ordered && !state.slots.contains_key(n));
    let numbers: Vec<Seq> = early.keys().copied().collect();
    state.slots.append(&mut early);
    accept(expected);
    numbers.into_iter().for_each(|n| advance(expected, n));
}

#[cfg(test)]
mod tests {
    use super::{Bound, check};
    use crate::order::kit::{
        accepted, at, certified, config, done, effects, grown, ordered, prepare, prepare_body,
        proposal, proposal_of, sign, slot, state, trips,
    };
    use prime::order::{OrderSlot, State};
    use wire::prime::{Matrix, PrePrepare, PrePrepareConflict, Prime};
    use wire::{Effect, Record, ReplicaId, Seq, To, Verified, View};

    /// View 1; 1 is ordered, 2 and 4 are not, 3 and 6 have certificates; 7 was promised.
    fn old() -> State {
        let mut state = state();
        ordered(&mut state, 1);
        accepted(&mut state, 4);
        (state.preinstalled, state.leader_accused) = (View(2), true);
        let (first, second) = (proposal(1).signed().clone(), proposal(1).signed().clone());
        state.leader_proof = Some(sign(4, PrePrepareConflict { first, second }));
        [1, 3, 6].into_iter().for_each(|n| *at(&mut state, n) = done(&proposal(n)));
        [2, 4, 5].into_iter().for_each(|n| *at(&mut state, n) = slot(&proposal(n), &[3, 4], &[2]));
        state.promised.insert(Seq(7), proposal(7).body().clone());
        state
    }

    /// 2 stays what it was, 3 is not looked at, 4 is a no-op.
    fn bound() -> Bound {
        let other = Some(proposal_of(0, 3, grown(13)));
        [(Seq(2), Some(proposal(2))), (Seq(3), other), (Seq(4), None)].into()
    }

    /// View 2 begins with 5.
    fn new() -> State {
        let mut state = old();
        let resolved = OrderSlot { committed: true, replayed: true, ..OrderSlot::default() };
        *at(&mut state, 4) = resolved.clone();
        *at(&mut state, 2) = OrderSlot { pre_prepare: Some(proposal(2)), ..resolved };
        state.slots.remove(&Seq(5));
        ordered(&mut state, 3);
        (state.ordered, state.accepted, state.proposed) = (Seq(4), Seq(4), Seq(4));
        (state.view, state.start_seq) = (View(2), Seq(5));
        (state.leader_proof, state.leader_accused) = (None, false);
        state.promised.clear();
        state.tokens = config().windows.order;
        state
    }

    #[test]
    fn numbers_below_the_start_are_as_resolved_and_the_rest_is_dropped() {
        let (config, before, after) = (config(), old(), new());
        let check = |after: &State, effects: &[Effect<Prime>]| {
            check(&config, &before, View(2), Seq(5), &bound(), after, effects)
        };
        assert_eq!(check(&after, &[]), Ok(()));
        let wrong = |change: fn(&mut State), place: &str| {
            let mut after = new();
            change(&mut after);
            trips(check(&after, &[]), place);
        };
        wrong(
            |s| at(s, 2).prepares = [(ReplicaId(3), prepare(3, &proposal(2)))].into(),
            "prepares",
        );
        wrong(|s| at(s, 2).replayed = false, "replayed");
        wrong(|s| at(s, 3).replayed = true, "replayed");
        wrong(|s| at(s, 4).pre_prepare = Some(proposal(4)), "pre_prepare");
        wrong(|s| *at(s, 5) = slot(&proposal(5), &[3, 4], &[2]), "slots");
        wrong(|s| drop(s.slots.remove(&Seq(6))), "order.install");
        wrong(|s| s.preceding = grown(4), "preceding");
        wrong(|s| s.tokens = 3, "tokens");
        wrong(|s| s.leader_accused = true, "leader_accused");
        wrong(|s| s.promised = old().promised, "promised");
        wrong(|s| s.start_seq = Seq(4), "start_seq");
        wrong(|s| s.accepted = Seq(5), "accepted");
        let logged = effects(|e| e.persist(Record::Held(proposal(2).into())));
        trips(check(&after, &logged), "effect 0");
    }

    fn next(seq: u64, matrix: Matrix) -> Verified<PrePrepare> {
        proposal_of(2, seq, matrix)
    }

    #[test]
    fn what_came_early_is_accepted_against_the_last_that_is_no_no_op() {
        let (config, mut before, mut after) = (config(), old(), new());
        // 4 is over, 6 has a place; 3's matrix is the one to follow.
        for n in [4, 5, 6] {
            before.early.insert(Seq(n), slot(&next(n, grown(4)), &[2, 4], &[]));
        }
        let pp = next(5, grown(4));
        let taken = at(&mut after, 5);
        *taken = slot(&pp, &[2, 4], &[]);
        taken.prepared = true;
        (after.accepted, after.preceding) = (Seq(6), grown(6));
        (after.proposed, after.proposal) = (Seq(6), grown(6));
        after.tokens -= 1;
        let emitted = effects(|e| {
            e.persist(Record::Held(pp.clone().into()));
            for i in [2, 4] {
                let (to, message) = (To::One(ReplicaId(i)), pp.clone().into());
                e.push(Effect::Relay { to, message });
            }
            e.promise(To::All, prepare_body(&pp));
            certified(e, &pp, &[2, 4]);
            e.persist(Record::Held(proposal(6).into()));
        });
        let check = |after: &State, effects: &[Effect<Prime>]| {
            check(&config, &before, View(2), Seq(5), &bound(), after, effects)
        };
        assert_eq!(check(&after, &emitted), Ok(()));
        trips(check(&after, &emitted[..9]), "effects");
        after.early.insert(Seq(5), slot(&pp, &[2, 4], &[]));
        trips(check(&after, &emitted), "early");
    }

    #[test]
    fn what_came_early_of_another_view_waits_or_is_dropped() {
        let (config, mut before) = (config(), old());
        let came = |view| slot(&proposal_of(view, 5, grown(5)), &[], &[]);
        // View 3 is preinstalled while view 2 is installed from the log.
        before.preinstalled = View(3);
        before.early.insert(Seq(5), came(3));
        let mut after = new();
        (after.preinstalled, after.early) = (View(3), before.early.clone());
        assert_eq!(check(&config, &before, View(2), Seq(5), &bound(), &after, &[]), Ok(()));
        let mut lost = after.clone();
        lost.early.clear();
        trips(check(&config, &before, View(2), Seq(5), &bound(), &lost, &[]), "early");
        // View 4 is installed while view 3 is preinstalled.
        (lost.view, lost.preinstalled) = (View(4), View(4));
        assert_eq!(check(&config, &before, View(4), Seq(5), &bound(), &lost, &[]), Ok(()));
        lost.early = after.early;
        trips(check(&config, &before, View(4), Seq(5), &bound(), &lost, &[]), "early");
    }
}
