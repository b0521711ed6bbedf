//! What `checkpoint.settle` must do.

use super::definitions::{judge, newest, votes};
use crate::Finding;
use crate::expected::Expected;
use prime::checkpoint::State;
use std::collections::BTreeSet;
use wire::prime::{CheckpointProof, Prime, StateId};
use wire::{Config, Effect, List, Reject, Seq, Time};

/// Intervals that the state on offer may lag behind.
const MAX_LAG: u64 = 16;

/// Periods of `timing.retransmit` after which a state that nobody asks for gives way.
const PATIENCE: u64 = 10;

/// What Q servers vouch for is stable, and what that covers is let go.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("checkpoint.settle", config, before);
    prove(&mut expected, before);
    expected.since("votes up to `stable` go; what is offered, kept and forgotten follows");
    consequences(&mut expected.state, config, now);
    judge(&expected, after, effects)
}

/// Own states that Q servers agree on become stable; those that Q disagree on are wrong.
fn prove(expected: &mut Expected<'_, State>, before: &State) {
    expected.since("proofs of marks, `stable`, and a reject for each that Q servers contradict");
    let quorum = expected.config.quorum();
    let agreed = |state: &StateId| votes(before, *state).len() >= quorum;
    for (&seq, mark) in before.marks.iter().filter(|(seq, _)| **seq > before.stable) {
        let under = before.votes.iter().filter_map(|of| of.get(&seq));
        let named: BTreeSet<StateId> = under.map(|vote| vote.body().state).collect();
        if agreed(&mark.state) {
            let all = votes(before, mark.state).into_iter().map(|vote| vote.signed().clone());
            let checkpoints = List::new(all.collect()).expect("one of each server at most");
            let preceding = mark.preceding.clone();
            let own = expected.state.marks.get_mut(&seq).expect("it was there before");
            own.proof = Some(CheckpointProof { checkpoints, preceding });
            expected.state.stable = expected.state.stable.max(seq);
        } else if named.iter().any(agreed) {
            expected.reject(None, Reject::Invalid);
            expected.state.votes.iter_mut().for_each(|of| drop(of.remove(&seq)));
        }
    }
}

fn consequences(state: &mut State, config: &Config, now: Time) {
    let (stable, interval) = (state.stable, config.windows.checkpoint);
    state.votes.iter_mut().for_each(|of| of.retain(|&seq, _| seq > stable));
    let newest = newest(state).map(|mark| mark.state.seq);
    let patience = PATIENCE.saturating_mul(config.timing.retransmit);
    let lag = stable.0.saturating_sub(state.offered.0);
    let gives_way = state.offered == Seq(0)
        || state.asked_at.is_none_or(|at| at.after(patience) <= now)
        || lag > MAX_LAG.saturating_mul(interval);
    if let Some(newest) = newest.filter(|&newest| newest > state.offered && gives_way) {
        state.offered = newest;
    }
    for (&seq, mark) in &mut state.marks {
        if seq <= stable && seq != state.offered && Some(seq) != newest {
            mark.snapshot = None;
        }
    }
    let most = state.offered.0.min(stable.0.saturating_sub(interval));
    let covered = state.marks.keys().copied().filter(|seq| seq.0 <= most).max();
    state.floor = covered.map_or(state.floor, |covered| covered.max(state.floor));
    let floor = state.floor;
    state.marks.retain(|&seq, _| seq >= floor);
    if newest.is_some_and(|newest| newest > state.logged) {
        state.due = true;
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::checkpoint::kit::{
        all_trip, at, config, hold, mark, preceding, proof, proved, reject, trips, variant, vote,
        vote_for, with_marks,
    };
    use prime::checkpoint::State;
    use wire::prime::Prime;
    use wire::{Effect, Reject, Seq, Time};

    fn outcome(
        before: &State,
        now: u64,
        after: &State,
        made: &[Effect<Prime>],
    ) -> Result<(), Finding> {
        check(&config(), before, Time(now), after, made)
    }

    #[test]
    fn a_quorum_makes_stable_and_offers_what_it_made() {
        let mut before = with_marks(&[1, 2]);
        for i in [4, 2, 3] {
            hold(&mut before, &vote(i, 1));
        }
        for i in [2, 3] {
            hold(&mut before, &vote(i, 2));
        }
        hold(&mut before, &vote(4, 3));
        let mut after = before.clone();
        proved(&mut after, &[1]);
        (after.offered, after.due) = (Seq(10), true);
        after.votes.iter_mut().for_each(|of| drop(of.remove(&Seq(10))));
        let run = |after: &State| outcome(&before, 5, after, &[]);
        all_trip(
            &after,
            run,
            &[
                ("proof", |s| at(s, 1).proof = None),
                ("proof", |s| at(s, 1).proof = Some(proof(1, &[2, 3, 4], preceding(2)))),
                ("proof", |s| at(s, 1).proof = Some(proof(1, &[2, 3], preceding(1)))),
                ("proof", |s| at(s, 2).proof = Some(proof(2, &[2, 3], preceding(2)))),
                ("stable", |s| s.stable = Seq(20)),
                ("offered", |s| s.offered = Seq(0)),
                ("due", |s| s.due = false),
                ("votes", |s| hold(s, &vote(2, 1))),
                ("votes", |s| s.votes[3].clear()),
                ("snapshot", |s| at(s, 2).snapshot = None),
            ],
        );
        trips(outcome(&before, 5, &after, &[reject(1, Reject::Invalid)]), "effect 0");
        // The same again changes nothing; nor do two votes.
        assert_eq!(outcome(&after, 5, &after, &[]), Ok(()));
        let mut logged = after.clone();
        (logged.due, logged.logged) = (false, Seq(10));
        assert_eq!(outcome(&logged, 5, &logged, &[]), Ok(()));
        let mut due = logged.clone();
        due.due = true;
        trips(outcome(&logged, 5, &due, &[]), "due");
    }

    #[test]
    fn a_state_that_a_quorum_contradicts_is_told_once() {
        let mut before = with_marks(&[1, 2]);
        for i in [2, 3, 4] {
            hold(&mut before, &vote_for(i, variant(1, 1).0));
        }
        hold(&mut before, &vote(1, 1));
        hold(&mut before, &vote(1, 2));
        let mut after = before.clone();
        after.votes.iter_mut().for_each(|of| drop(of.remove(&Seq(10))));
        let refused = [Effect::Reject { from: None, reason: Reject::Invalid }];
        let run = |after: &State| outcome(&before, 5, after, &refused);
        all_trip(
            &after,
            run,
            &[
                ("votes", |s| hold(s, &vote(1, 1))),
                ("votes", |s| s.votes[0].clear()),
                ("marks", |s| drop(s.marks.remove(&Seq(10)))),
                ("proof", |s| at(s, 1).proof = Some(proof(1, &[2, 3, 4], preceding(1)))),
            ],
        );
        trips(outcome(&before, 5, &after, &[]), "effects");
        trips(outcome(&before, 5, &after, &[reject(2, Reject::Invalid)]), "effect 0");
        let twice = [refused.clone(), refused.clone()].concat();
        trips(outcome(&before, 5, &after, &twice), "effect 1");
        // Two are no quorum, and where there is no own mark nobody is contradicted.
        for change in [(|s: &mut State| s.votes[1].clear()) as fn(&mut State), |s| {
            drop(s.marks.remove(&Seq(10)))
        }] {
            let mut before = before.clone();
            change(&mut before);
            assert_eq!(outcome(&before, 5, &before, &[]), Ok(()));
            trips(outcome(&before, 5, &before, &refused), "effect 0");
        }
    }

    /// Stable up to the third, the first on offer and asked for at 100.
    fn stable_three() -> State {
        let mut state = with_marks(&[1, 2, 3, 4]);
        proved(&mut state, &[1, 2, 3]);
        (state.offered, state.asked_at, state.logged) = (Seq(10), Some(Time(100)), Seq(30));
        for n in [2, 4] {
            at(&mut state, n).snapshot = None;
        }
        state.floor = Seq(10);
        state
    }

    #[test]
    fn what_is_asked_for_stays_on_offer_and_gives_way_at_last() {
        let (before, patience) = (stable_three(), 10 * config().timing.retransmit);
        assert_eq!(outcome(&before, 99 + patience, &before, &[]), Ok(()));
        let mut after = before.clone();
        at(&mut after, 1).snapshot = None;
        (after.offered, after.floor) = (Seq(30), Seq(20));
        after.marks.remove(&Seq(10));
        trips(outcome(&before, 99 + patience, &after, &[]), "marks");
        let run = |after: &State| outcome(&before, 100 + patience, after, &[]);
        all_trip(
            &after,
            run,
            &[
                ("offered", |s| s.offered = Seq(20)),
                ("floor", |s| s.floor = Seq(30)),
                ("floor", |s| s.floor = Seq(10)),
                ("asked_at", |s| s.asked_at = None),
                ("snapshot", |s| at(s, 3).snapshot = None),
                ("snapshot", |s| at(s, 2).snapshot = mark(2).snapshot),
                ("marks", |s| drop(s.marks.insert(Seq(10), mark(1)))),
                ("marks", |s| drop(s.marks.remove(&Seq(20)))),
            ],
        );
        let mut nobody = before.clone();
        nobody.asked_at = None;
        after.asked_at = None;
        assert_eq!(outcome(&nobody, 100, &after, &[]), Ok(()));
    }

    #[test]
    fn what_lags_too_far_gives_way() {
        for (newest, gives_way) in [(17, false), (18, true)] {
            let mut before = with_marks(&[1, newest]);
            proved(&mut before, &[1, newest]);
            (before.offered, before.asked_at) = (Seq(10), Some(Time(100)));
            (before.floor, before.logged) = (Seq(10), before.stable);
            let mut moved = before.clone();
            moved.offered = before.stable;
            at(&mut moved, 1).snapshot = None;
            assert_eq!(outcome(&before, 101, &before, &[]).is_ok(), !gives_way);
            assert_eq!(outcome(&before, 101, &moved, &[]).is_ok(), gives_way);
        }
    }
}
