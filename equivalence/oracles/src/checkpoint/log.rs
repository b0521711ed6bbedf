//! What `checkpoint.log` must do.

use super::covers::covered;
use super::definitions::{chunk, chunks, judge, newest};
use super::outdated::outdated;
use crate::Finding;
use crate::expected::Expected;
use prime::checkpoint::{Mark, State};
use wire::prime::{Body, Prime};
use wire::{Config, Record, Seq};

/// Views entered after which the log begins anew.
const MAX_ENTERED: u64 = 16;

/// The log may begin with the newest stable state, and without what that makes needless.
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    got: &Option<Vec<Record<Prime>>>,
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("checkpoint.log", config, before);
    if !before.due && before.entered < MAX_ENTERED {
        expected.since("`None`, nothing changed, unless `due` or enough views were entered");
        judge(&expected, after, &[])?;
        return crate::answer(&expected.rule("answer"), &None, got);
    }
    (expected.state.due, expected.state.entered) = (false, 0);
    let mark = newest(before);
    let beginning = mark.map(beginning);
    expected.since("`logged` is the number of the newest stable mark, the journal loses the rest");
    if let Some(mark) = mark {
        expected.state.logged = mark.state.seq;
    }
    let lost = mark.is_none() && before.logged > Seq(0);
    if !lost {
        expected.state.journal.0 = kept(&expected, mark);
    }
    judge(&expected, after, &[])?;
    let records = expected.state.journal.0.iter().cloned();
    let records = (!lost).then(|| beginning.into_iter().flatten().chain(records).collect());
    expected.since("the mark's proof, the chunks of its state, and the journal");
    crate::answer(&expected.rule("answer"), &records, got)
}

/// The records of the state of a mark.
fn beginning(mark: &Mark) -> Vec<Record<Prime>> {
    let proof = mark.proof.iter().map(|proof| Body::from(proof.clone()));
    let snapshot = mark.snapshot.iter();
    let pieces = snapshot.flat_map(|snapshot| {
        (0..)
            .take_while(|&index| u64::from(index) < chunks(&mark.state))
            .map(move |index| Body::from(chunk(mark.state, snapshot, index)))
    });
    proof.chain(pieces).map(Record::Promise).collect()
}

/// What is left of the journal: without what the state covers and without all PO-ARUs but the last;
/// and of that, without what is outdated.
fn kept(expected: &Expected<'_, State>, mark: Option<&Mark>) -> Vec<Record<Prime>> {
    let (me, seq) = (expected.state.me, expected.state.logged);
    let mut rest = expected.state.journal.0.clone();
    rest.retain(|record| !mark.is_some_and(|mark| covered(me, seq, &mark.prefix, record)));
    let is_aru = |record: &Record<Prime>| matches!(record, Record::Promise(Body::PoAru(_)));
    let mut arus = rest.iter().filter(|record| is_aru(record)).count();
    rest.retain(|record| {
        arus -= usize::from(is_aru(record));
        !is_aru(record) || arus == 0
    });
    let said = outdated(seq, &rest);
    rest.into_iter().zip(said).filter(|(_, said)| !said.dispensable).map(|(it, _)| it).collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::checkpoint::kit::{
        all_trip, at, config, piece, preceding, proof, proved, sign, trips, with_marks,
    };
    use crate::order::kit::{commit, proposal};
    use crate::pre_order::kit::aru_body;
    use prime::checkpoint::State;
    use wire::prime::{
        Body, Constraint, InstallCertificate, Payload, Prime, RbInit, Replay, Report, Resolution,
    };
    use wire::{List, Record, Seq, View};

    fn promised(body: impl Into<Body>) -> Record<Prime> {
        Record::Promise(body.into())
    }

    /// A view whose numbers begin above `base`.
    fn installed(view: u64, base: u64) -> Record<Prime> {
        let resolution = Resolution { base: Seq(base), entries: List::empty() };
        let constraint = Constraint {
            view: View(view),
            ids: List::empty(),
            base: resolution.base,
            start_seq: resolution.start_seq(),
            resolution: resolution.digest(),
        };
        let replay = Replay { constraint, proof: wire::prime::Proof::Certificate(List::empty()) };
        let replay = sign(2, replay).signed().clone();
        promised(InstallCertificate { replay, commits: List::empty(), resolution })
    }

    /// What the state after 10 covers, two PO-ARUs, a broadcast of a view that is over, and others.
    fn journal() -> Vec<Record<Prime>> {
        let opened = |view| {
            let report = Report { executed: Seq(0), count: 0, replay: None };
            promised(RbInit { view: View(view), seq: 0, payload: Payload::Report(report) })
        };
        vec![
            Record::Held(commit(2, &proposal(10)).into()),
            promised(aru_body(&[1, 0, 0, 0])),
            opened(1),
            Record::Held(commit(2, &proposal(11)).into()),
            promised(aru_body(&[2, 0, 0, 0])),
            opened(2),
        ]
    }

    fn before() -> State {
        let mut state = with_marks(&[1, 2]);
        proved(&mut state, &[1]);
        (state.due, state.entered) = (true, 2);
        state.journal.0 = journal();
        state
    }

    fn outcome(
        before: &State,
        after: &State,
        got: Option<&[Record<Prime>]>,
    ) -> Result<(), Finding> {
        check(&config(), before, after, &got.map(<[_]>::to_vec))
    }

    #[test]
    fn the_log_begins_with_the_newest_stable_state() {
        let before = before();
        let mut after = before.clone();
        (after.due, after.entered, after.logged) = (false, 0, Seq(10));
        after.journal.0 = journal()[3..].to_vec();
        let mut log = vec![promised(proof(1, &[2, 3, 4], preceding(1)))];
        log.extend((0..3).map(|index| promised(piece(1, index))));
        log.extend(after.journal.0.clone());
        all_trip(
            &after,
            |after| outcome(&before, after, Some(&log)),
            &[
                ("journal", |s| s.journal.0 = journal()),
                ("journal", |s| s.journal.0 = journal()[2..].to_vec()),
                ("journal", |s| drop(s.journal.0.remove(0))),
                ("journal", |s| drop(s.journal.0.remove(1))),
                ("journal", |s| s.journal.0.swap(0, 1)),
                ("due", |s| s.due = true),
                ("entered", |s| s.entered = 2),
                ("logged", |s| s.logged = Seq(0)),
            ],
        );
        trips(outcome(&before, &after, None), "answer");
        trips(outcome(&before, &after, Some(&log[1..])), "answer");
        let mut wrong = log.clone();
        wrong.swap(1, 2);
        trips(outcome(&before, &after, Some(&wrong)), "answer");
        wrong.pop();
        trips(outcome(&before, &after, Some(&wrong)), "answer");
    }

    #[test]
    fn nothing_happens_unless_it_is_due() {
        let mut before = before();
        (before.due, before.entered) = (false, 15);
        assert_eq!(outcome(&before, &before, None), Ok(()));
        trips(outcome(&before, &before, Some(&journal())), "answer");
        let mut after = before.clone();
        after.entered = 0;
        trips(outcome(&before, &after, None), "entered");
        (before.entered, after.entered) = (16, 16);
        trips(outcome(&before, &after, None), "journal");
    }

    #[test]
    fn without_a_state_the_journal_is_the_log() {
        let mut before = before();
        at(&mut before, 1).snapshot = None;
        (before.due, before.entered) = (false, 16);
        let mut after = before.clone();
        after.entered = 0;
        let kept = [0, 3, 4, 5].map(|place| journal()[place].clone());
        after.journal.0 = kept.to_vec();
        assert_eq!(outcome(&before, &after, Some(&kept)), Ok(()));
        trips(outcome(&before, &after, None), "answer");
        let mut whole = after.clone();
        whole.journal.0 = journal();
        trips(outcome(&before, &whole, Some(&journal())), "journal");
        // The state with which the log begins is gone.
        for state in [&mut before, &mut after, &mut whole] {
            state.logged = Seq(10);
        }
        assert_eq!(outcome(&before, &whole, None), Ok(()));
        trips(outcome(&before, &after, None), "journal");
        trips(outcome(&before, &whole, Some(&kept)), "answer");
    }

    #[test]
    fn a_mark_that_is_not_stable_begins_nothing() {
        let mut before = before();
        before.stable = Seq(0);
        let mut after = before.clone();
        (after.due, after.entered) = (false, 0);
        after.journal.0 = [0, 3, 4, 5].map(|place| journal()[place].clone()).to_vec();
        assert_eq!(outcome(&before, &after, Some(&after.journal.0)), Ok(()));
        after.logged = Seq(10);
        trips(outcome(&before, &after, Some(&after.journal.0)), "logged");
    }

    #[test]
    fn a_view_whose_pre_prepares_are_covered_is_outdated() {
        let mut before = before();
        before.journal.0 = vec![
            installed(1, 11),
            Record::Held(proposal(10).into()),
            installed(2, 11),
            promised(aru_body(&[2, 0, 0, 0])),
        ];
        let mut after = before.clone();
        (after.due, after.entered, after.logged) = (false, 0, Seq(10));
        after.journal.0 = before.journal.0[2..].to_vec();
        let mut log = vec![promised(proof(1, &[2, 3, 4], preceding(1)))];
        log.extend((0..3).map(|index| promised(piece(1, index))));
        log.extend(after.journal.0.clone());
        assert_eq!(outcome(&before, &after, Some(&log)), Ok(()));
        after.journal.0.insert(0, before.journal.0[0].clone());
        trips(outcome(&before, &after, Some(&log)), "journal");
    }
}
