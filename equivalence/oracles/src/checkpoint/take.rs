//! What `checkpoint.take` must do.

use super::definitions::{MAX_SNAPSHOTS, cut, judge};
use crate::Finding;
use crate::expected::Expected;
use prime::checkpoint::{Mark, State};
use wire::prime::{Checkpoint, Prime};
use wire::{Config, Effect, PoSeq, Seq, Time, To};

/// The state just reached is kept and vouched for.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
#[expect(clippy::too_many_arguments, reason = "the slot's own, with its outcome")]
#[expect(clippy::needless_pass_by_value, reason = "the slot takes its bytes so")]
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    seq: Seq,
    bytes: Vec<u8>,
    prefix: &[PoSeq],
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("checkpoint.take", config, before);
    if before.marks.contains_key(&seq) {
        expected.since("a mark that is there already stays and nothing happens");
        return judge(&expected, after, effects);
    }
    expected.since("the mark enters, with bytes if fewer than two are held, and is vouched for");
    let (state, snapshot) = cut(seq, &bytes);
    let held = before.marks.values().filter(|mark| mark.snapshot.is_some()).count();
    let mark = Mark {
        state,
        prefix: prefix.to_vec(),
        preceding: before.preceding.clone(),
        snapshot: Some(snapshot).filter(|_| held < MAX_SNAPSHOTS),
        proof: None,
    };
    expected.state.marks.insert(seq, mark);
    expected.state.retransmit_at = now.after(config.timing.retransmit);
    expected.send(To::All, Checkpoint { state });
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::checkpoint::kit::{
        BYTES, all_trip, at, bytes, config, effects, mark, name, preceding, trips, with_marks,
    };
    use prime::checkpoint::State;
    use wire::prime::{Checkpoint, Prime};
    use wire::{Effect, Seq, Time, To};

    fn outcome(before: &State, after: &State, made: &[Effect<Prime>]) -> Result<(), Finding> {
        let prefix = mark(3).prefix;
        check(&config(), before, Time(5), Seq(30), bytes(3), &prefix, after, made)
    }

    fn vouched(to: To) -> Vec<Effect<Prime>> {
        effects(|e| e.send(to, Checkpoint { state: name(3) }))
    }

    #[test]
    fn a_new_mark_enters_and_is_vouched_for() {
        let mut before = with_marks(&[1, 2]);
        before.preceding = preceding(3);
        at(&mut before, 1).snapshot = None;
        let mut after = before.clone();
        at(&mut after, 3).proof = None;
        after.retransmit_at = Time(5 + config().timing.retransmit);
        let run = |after: &State| outcome(&before, after, &vouched(To::All));
        all_trip(
            &after,
            run,
            &[
                ("marks", |s| drop(s.marks.remove(&Seq(30)))),
                ("snapshot", |s| at(s, 3).snapshot = None),
                ("prefix", |s| at(s, 3).prefix[0].0 += 1),
                ("preceding", |s| at(s, 3).preceding = preceding(2)),
                ("retransmit_at", |s| s.retransmit_at = Time(5)),
                ("snapshot.bytes", |s| {
                    let wrong = vec![1; BYTES].into();
                    at(s, 3)
                        .snapshot
                        .iter_mut()
                        .for_each(|of| of.bytes = std::sync::Arc::clone(&wrong));
                }),
            ],
        );
        trips(outcome(&before, &after, &vouched(To::Others)), "effect 0");
        trips(outcome(&before, &after, &[]), "effects");
        let promised = effects(|e| e.promise(To::All, Checkpoint { state: name(3) }));
        trips(outcome(&before, &after, &promised), "effect 0");
    }

    #[test]
    fn a_third_snapshot_is_let_go_and_a_mark_that_is_there_stays() {
        let mut before = with_marks(&[1, 2]);
        before.preceding = preceding(3);
        let mut after = before.clone();
        at(&mut after, 3).snapshot = None;
        after.retransmit_at = Time(5 + config().timing.retransmit);
        assert_eq!(outcome(&before, &after, &vouched(To::All)), Ok(()));
        at(&mut after, 3).snapshot = mark(3).snapshot;
        trips(outcome(&before, &after, &vouched(To::All)), "snapshot");
        assert_eq!(outcome(&after, &after, &[]), Ok(()));
        trips(outcome(&after, &after, &vouched(To::All)), "effect 0");
    }
}
