//! What `checkpoint.on_state_chunk` must do.

use super::definitions::{chunks, depth, fetched, judge, leaf};
use crate::Finding;
use crate::expected::Expected;
use prime::checkpoint::State;
use wire::merkle::fold;
use wire::prime::{Prime, StateChunk};
use wire::{Config, Effect, Reject, Time, Verified};

/// A chunk that leads to the root is kept, whoever it was asked of.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    message: &Verified<StateChunk>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("checkpoint.on_state_chunk", config, before);
    let (StateChunk { state, index, bytes, .. }, signer) = (message.body(), message.signer());
    let current = fetched(before).filter(|(name, _)| name == state);
    let Some((_, mut transfer)) = current.map(|(name, transfer)| (name, transfer.clone())) else {
        expected.since("rejects `Stale` if no state of that name is being fetched");
        expected.reject(signer, Reject::Stale);
        return judge(&expected, after, effects);
    };
    if transfer.chunks.0.contains_key(index) {
        expected.since("rejects `Duplicate` if the chunk is here");
        expected.reject(signer, Reject::Duplicate);
        return judge(&expected, after, effects);
    }
    if is_part(message.body()) {
        expected.since("the chunk is kept; if it stood in `asked` or `again`, that is progress");
        transfer.chunks.0.insert(*index, bytes.to_vec());
        let asked = transfer.asked.remove(index).is_some();
        if transfer.again.remove(index) || asked {
            transfer.progress_at = now;
        }
        transfer.slow.remove(&signer);
    } else {
        expected.since("rejects `Invalid`, and the signer becomes one of `liars`");
        transfer.liars.insert(signer);
        if transfer.asked.get(index).is_some_and(|&(of, _)| of == signer) {
            transfer.asked.remove(index);
            transfer.again.insert(*index);
        }
        expected.reject(signer, Reject::Invalid);
    }
    expected.state.transfer = Some(transfer);
    judge(&expected, after, effects)
}

/// Whether the chunk is in the tree of its state, at its place.
fn is_part(chunk: &StateChunk) -> bool {
    u64::from(chunk.index) < chunks(&chunk.state)
        && chunk.path.len() == depth(&chunk.state)
        && fold(leaf(&chunk.bytes), chunk.index, &chunk.path) == Some(chunk.state.root)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::checkpoint::kit::{
        all_trip, config, here, name, piece, reject, sign, state, transfer, trips,
    };
    use prime::checkpoint::{State, Transfer};
    use wire::prime::{Prime, StateChunk, StateId};
    use wire::{Blob, Effect, List, Reject, ReplicaId, Time, Verified};

    const THIRD: ReplicaId = ReplicaId(3);

    fn outcome(
        before: &State,
        message: &Verified<StateChunk>,
        after: &State,
        made: &[Effect<Prime>],
    ) -> Result<(), Finding> {
        check(&config(), before, Time(200), message, after, made)
    }

    /// Chunk 0 is here; 1 was asked of server 3; both others but 2 are slow.
    fn before() -> State {
        let transfer = Transfer {
            chunks: here(1, &[0]),
            asked: [(1, (THIRD, Time(150)))].into(),
            slow: [THIRD, ReplicaId(4)].into(),
            next: 2,
            ..transfer(1)
        };
        State { transfer: Some(transfer), ..state() }
    }

    fn of(state: &mut State) -> &mut Transfer {
        state.transfer.as_mut().unwrap()
    }

    #[test]
    fn a_chunk_that_was_asked_for_is_progress() {
        let message = sign(3, piece(1, 1));
        let mut again = before();
        of(&mut again).asked.clear();
        of(&mut again).again = [1].into();
        for before in [before(), again] {
            let mut after = before.clone();
            let new = of(&mut after);
            (new.chunks, new.progress_at) = (here(1, &[0, 1]), Time(200));
            new.asked.clear();
            new.again.clear();
            new.slow = [ReplicaId(4)].into();
            let run = |after: &State| outcome(&before, &message, after, &[]);
            all_trip(
                &after,
                run,
                &[
                    ("chunks", |s| of(s).chunks = here(1, &[0])),
                    ("chunks", |s| of(s).chunks.0.get_mut(&1).unwrap()[9] ^= 1),
                    ("asked", |s| {
                        of(s).asked.insert(1, (THIRD, Time(150)));
                    }),
                    ("again", |s| {
                        of(s).again.insert(1);
                    }),
                    ("slow", |s| {
                        of(s).slow.insert(THIRD);
                    }),
                    ("slow", |s| of(s).slow.clear()),
                    ("progress_at", |s| of(s).progress_at = Time(100)),
                ],
            );
        }
    }

    #[test]
    fn a_chunk_that_was_not_asked_for_is_kept_and_is_no_progress() {
        let message = sign(3, piece(1, 2));
        let mut after = before();
        of(&mut after).chunks = here(1, &[0, 2]);
        of(&mut after).slow.remove(&THIRD);
        let run = |after: &State| outcome(&before(), &message, after, &[]);
        all_trip(
            &after,
            run,
            &[
                ("chunks", |s| of(s).chunks = here(1, &[0])),
                ("progress_at", |s| of(s).progress_at = Time(200)),
                ("slow", |s| of(s).slow.clear()),
                ("slow", |s| _ = of(s).slow.insert(THIRD)),
                ("next", |s| of(s).next = 3),
            ],
        );
    }

    #[test]
    fn a_wrong_chunk_makes_a_liar() {
        let wrong = |i, change: fn(&mut StateChunk)| {
            let mut chunk = piece(1, 1);
            change(&mut chunk);
            sign(i, chunk)
        };
        let mut after = before();
        of(&mut after).liars = [THIRD].into();
        of(&mut after).asked.clear();
        of(&mut after).again = [1].into();
        let bad = wrong(3, |c| c.bytes = Blob::new(vec![1]).unwrap());
        let refused = [reject(3, Reject::Invalid)];
        let run = |after: &State| outcome(&before(), &bad, after, &refused);
        all_trip(
            &after,
            run,
            &[
                ("liars", |s| of(s).liars.clear()),
                ("asked", |s| {
                    of(s).asked.insert(1, (THIRD, Time(150)));
                }),
                ("again", |s| of(s).again.clear()),
                ("chunks", |s| of(s).chunks = here(1, &[0, 1])),
            ],
        );
        trips(outcome(&before(), &bad, &after, &[]), "effects");
        // One that was not asked for it changes nothing else.
        let mut foreign = before();
        of(&mut foreign).liars = [ReplicaId(4)].into();
        let refused = [reject(4, Reject::Invalid)];
        for bad in [
            wrong(4, |c| c.bytes = Blob::new(vec![1]).unwrap()),
            wrong(4, |c| c.path = List::empty()),
            wrong(4, |c| c.index = 2),
        ] {
            assert_eq!(outcome(&before(), &bad, &foreign, &refused), Ok(()));
            let mut wrong = foreign.clone();
            of(&mut wrong).asked.clear();
            trips(outcome(&before(), &bad, &wrong, &refused), "asked");
        }
        // The padding of the tree is no chunk, though a path leads from it.
        let padding = wrong(4, |c| c.index = 3);
        assert_eq!(outcome(&before(), &padding, &foreign, &refused), Ok(()));
    }

    #[test]
    fn foreign_and_known_chunks_are_rejected() {
        let stale = [reject(3, Reject::Stale)];
        let (other, known) = (sign(3, piece(2, 1)), sign(3, piece(1, 0)));
        let longer = StateChunk { state: StateId { length: 1, ..name(1) }, ..piece(1, 1) };
        for message in [&other, &sign(3, longer)] {
            assert_eq!(outcome(&before(), message, &before(), &stale), Ok(()));
            trips(
                outcome(&before(), message, &before(), &[reject(3, Reject::Invalid)]),
                "effect 0",
            );
        }
        assert_eq!(outcome(&state(), &known, &state(), &stale), Ok(()));
        let duplicate = [reject(3, Reject::Duplicate)];
        assert_eq!(outcome(&before(), &known, &before(), &duplicate), Ok(()));
        trips(outcome(&before(), &known, &before(), &stale), "effect 0");
        let mut late = before();
        of(&mut late).progress_at = Time(200);
        trips(outcome(&before(), &known, &late, &duplicate), "progress_at");
    }
}
