//! What `checkpoint.on_state_request` must do.

use super::definitions::{chunk, chunks, judge};
use crate::Finding;
use crate::expected::Expected;
use prime::checkpoint::State;
use wire::prime::{Prime, StateRequest};
use wire::{Config, Effect, Reject, Time, To, Verified};

/// Chunks that one server is given in a period.
const MAX_CHUNKS: u32 = 64;

/// Whoever asks for a chunk of a state that is here gets it, up to its share.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    message: &Verified<StateRequest>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("checkpoint.on_state_request", config, before);
    let (&StateRequest { state, index }, signer) = (message.body(), message.signer());
    if signer == before.me {
        return judge(&expected, after, effects);
    }
    let mark = before.marks.get(&state.seq).filter(|mark| mark.state == state);
    let Some(snapshot) = mark.and_then(|mark| mark.snapshot.as_ref()) else {
        expected.since("rejects `Premature`, naming nobody, if no mark with bytes has that name");
        expected.reject(None, Reject::Premature);
        return judge(&expected, after, effects);
    };
    let (since, count) = before.given[signer.index()];
    let period = count > 0 && now < since.after(config.timing.retransmit);
    let (since, count) = if period { (since, count) } else { (now, 0) };
    if u64::from(index) >= chunks(&state) {
        expected.since("rejects `Invalid` if the state has no such chunk");
        expected.reject(signer, Reject::Invalid);
    } else if count >= MAX_CHUNKS {
        expected.since("rejects `Full` if it was given `MAX_CHUNKS` in its period");
        expected.reject(signer, Reject::Full);
    } else {
        expected.since("the chunk goes to the signer, and `given` counts it");
        expected.state.given[signer.index()] = (since, count + 1);
        if state.seq == before.offered {
            expected.state.asked_at = Some(now);
        }
        expected.send(To::One(signer), chunk(state, snapshot, index));
    }
    judge(&expected, after, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::checkpoint::kit::{
        all_trip, at, config, effects, name, piece, reject, sign, trips, variant, with_marks,
    };
    use prime::checkpoint::State;
    use wire::prime::{Prime, StateId, StateRequest};
    use wire::{Effect, Reject, ReplicaId, Seq, Time, To};

    fn outcome(
        (before, now, by): (&State, u64, u16),
        (state, index): (StateId, u32),
        after: &State,
        made: &[Effect<Prime>],
    ) -> Result<(), Finding> {
        let message = sign(by, StateRequest { state, index });
        check(&config(), before, Time(now), &message, after, made)
    }

    /// The first of two states is on offer; server 3 was given this.
    fn given(since: u64, count: u32) -> State {
        let mut state = with_marks(&[1, 2]);
        state.offered = Seq(10);
        state.given[2] = (Time(since), count);
        state
    }

    fn sent(number: u64, index: u32, to: To) -> Vec<Effect<Prime>> {
        effects(|e| e.send(to, piece(number, index)))
    }

    #[test]
    fn a_chunk_is_given_and_counted() {
        let (period, third) = (config().timing.retransmit, To::One(ReplicaId(3)));
        for (before, now, counted) in [
            (given(5, 0), 6, (6, 1)),
            (given(5, 1), 6, (5, 2)),
            (given(5, 63), 4 + period, (5, 64)),
            (given(5, 64), 5 + period, (5 + period, 1)),
        ] {
            let mut after = given(counted.0, counted.1);
            after.asked_at = Some(Time(now));
            let (case, made) = ((&before, now, 3), sent(1, 2, third));
            let run = |after: &State| outcome(case, (name(1), 2), after, &made);
            all_trip(
                &after,
                run,
                &[
                    ("given", |s| s.given[2].1 += 1),
                    ("given", |s| s.given[2].0.0 += 1),
                    ("asked_at", |s| s.asked_at = None),
                ],
            );
            trips(outcome(case, (name(1), 2), &after, &sent(1, 1, third)), "effect 0");
            trips(outcome(case, (name(1), 2), &after, &sent(1, 2, To::All)), "effect 0");
            trips(outcome(case, (name(1), 2), &after, &[]), "effects");
        }
        // Of a state that is not on offer.
        let (before, mut after) = (given(5, 0), given(6, 1));
        assert_eq!(outcome((&before, 6, 3), (name(2), 0), &after, &sent(2, 0, third)), Ok(()));
        after.asked_at = Some(Time(6));
        trips(outcome((&before, 6, 3), (name(2), 0), &after, &sent(2, 0, third)), "asked_at");
    }

    #[test]
    fn requests_are_rejected_in_this_order() {
        let before = given(5, 64);
        let mut gone = before.clone();
        at(&mut gone, 1).snapshot = None;
        let early = [Effect::Reject { from: None, reason: Reject::Premature }];
        for (before, state) in [(&gone, name(1)), (&before, name(3)), (&before, variant(1, 1).0)] {
            assert_eq!(outcome((before, 6, 3), (state, 3), before, &early), Ok(()));
            let named = [reject(3, Reject::Premature)];
            trips(outcome((before, 6, 3), (state, 3), before, &named), "effect 0");
        }
        let (invalid, full) = ([reject(3, Reject::Invalid)], [reject(3, Reject::Full)]);
        assert_eq!(outcome((&before, 6, 3), (name(1), 3), &before, &invalid), Ok(()));
        trips(outcome((&before, 6, 3), (name(1), 3), &before, &full), "effect 0");
        assert_eq!(outcome((&before, 6, 3), (name(1), 2), &before, &full), Ok(()));
        let more = sent(1, 2, To::One(ReplicaId(3)));
        trips(outcome((&before, 6, 3), (name(1), 2), &given(5, 65), &more), "effect 0");
        assert_eq!(outcome((&before, 6, 1), (name(1), 2), &before, &[]), Ok(()));
    }
}
