//! What `checkpoint.recover` must do.

use super::definitions::{begun, fetched, judge};
use crate::Finding;
use crate::expected::Expected;
use prime::checkpoint::State;
use wire::prime::{Body, Prime};
use wire::{Config, Record, Time};

/// A logged state is read back; everything else is remembered.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    record: &Record<Prime>,
    after: &State,
    got: &bool,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("checkpoint.recover", config, before);
    let mine = match record {
        Record::Promise(Body::CheckpointProof(proof)) => {
            expected.since("its state is the one being fetched, with its own matrix under `me`");
            let matrices = [(before.me, proof.preceding.clone())].into();
            expected.state.transfer = Some(begun(proof.clone(), matrices, Time(0)));
            true
        }
        Record::Promise(Body::StateChunk(chunk)) => {
            expected.since("kept if it is of the state being fetched");
            if fetched(before).is_some_and(|(name, _)| name == chunk.state) {
                let transfer = expected.state.transfer.iter_mut();
                transfer.for_each(|transfer| {
                    transfer.chunks.0.insert(chunk.index, chunk.bytes.to_vec());
                });
            }
            true
        }
        Record::Promise(_) | Record::Held(_) => {
            expected.since("remembered; a promised RbInit numbered 0 says that a view was entered");
            expected.state.journal.0.push(record.clone());
            if matches!(record, Record::Promise(Body::RbInit(init)) if init.seq == 0) {
                expected.state.entered = before.entered.saturating_add(1);
            }
            false
        }
    };
    judge(&expected, after, &[])?;
    crate::answer(&expected.rule("answer: is it for checkpoints"), &mine, got)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::checkpoint::kit::{
        ME, all_trip, config, here, piece, preceding, proof, state, transfer, trips, vote,
    };
    use prime::checkpoint::{State, Transfer};
    use wire::prime::{Body, Payload, Prime, RbInit, Report};
    use wire::{Record, Seq, Time, View};

    fn promised(body: impl Into<Body>) -> Record<Prime> {
        Record::Promise(body.into())
    }

    fn outcome(
        before: &State,
        record: &Record<Prime>,
        after: &State,
        got: bool,
    ) -> Result<(), Finding> {
        check(&config(), before, record, after, &got)
    }

    fn with(transfer: Transfer) -> State {
        State { transfer: Some(transfer), ..state() }
    }

    #[test]
    fn proof_and_chunks_are_read_back() {
        let record = promised(proof(2, &[2, 3, 4], preceding(2)));
        let mut begun = transfer(2);
        begun.proof = proof(2, &[2, 3, 4], preceding(2));
        begun.matrices = [(ME, preceding(2))].into();
        begun.progress_at = Time(0);
        let (before, after) = (with(transfer(1)), with(begun));
        let run = |after: &State| outcome(&before, &record, after, true);
        all_trip(
            &after,
            run,
            &[
                ("transfer", |s| s.transfer = None),
                ("proof", |s| s.transfer = Some(transfer(1))),
                ("matrices", |s| s.transfer.as_mut().unwrap().matrices.clear()),
                ("chunks", |s| s.transfer.as_mut().unwrap().chunks = here(2, &[0])),
                ("progress_at", |s| s.transfer.as_mut().unwrap().progress_at = Time(1)),
                ("journal", |s| {
                    let record = promised(proof(2, &[2, 3, 4], preceding(2)));
                    s.journal.0.push(record);
                }),
            ],
        );
        trips(outcome(&before, &record, &after, false), "answer");

        let record = promised(piece(2, 1));
        let mut more = after.clone();
        more.transfer.as_mut().unwrap().chunks = here(2, &[1]);
        assert_eq!(outcome(&after, &record, &more, true), Ok(()));
        trips(outcome(&after, &record, &after, true), "chunks");
        // Of another state, or while none is being read.
        for before in [before, state()] {
            assert_eq!(outcome(&before, &record, &before, true), Ok(()));
            trips(outcome(&before, &record, &more, true), "transfer");
        }
    }

    #[test]
    fn everything_else_is_remembered() {
        let opened = |seq| {
            let report = Report { executed: Seq(0), count: 0, replay: None };
            promised(RbInit { view: View(1), seq, payload: Payload::Report(report) })
        };
        let held = Record::Held(vote(2, 1).into());
        for (record, entered) in [(opened(0), 1), (opened(1), 0), (held, 0)] {
            let before = with(transfer(1));
            let mut after = before.clone();
            after.journal.0.push(record.clone());
            after.entered = entered;
            assert_eq!(outcome(&before, &record, &after, false), Ok(()));
            trips(outcome(&before, &record, &after, true), "answer");
            trips(outcome(&before, &record, &before, false), "journal");
            after.entered = 1 - entered;
            trips(outcome(&before, &record, &after, false), "entered");
        }
    }
}
