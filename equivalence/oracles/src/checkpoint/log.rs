//! What `checkpoint.log` must do.

use super::covers::covered;
use super::definitions::{chunk, chunks, judge, newest};
use super::outdated::{Said, readings};
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
    let first = begun(expected.clone(), before, newest(before), after, got);
    // A mark that has its proof and is above `stable`, which cannot be, is stable or not.
    let proven = |mark: &&Mark| mark.proof.is_some() && mark.snapshot.is_some();
    let proven = before.marks.values().rfind(proven);
    first.or_else(|finding| begun(expected, before, proven, after, got).map_err(|_| finding))
}

/// What comes of it if `mark` is the newest stable one with bytes.
fn begun(
    mut expected: Expected<'_, State>,
    before: &State,
    mark: Option<&Mark>,
    after: &State,
    got: &Option<Vec<Record<Prime>>>,
) -> Result<(), Finding> {
    let beginning = mark.map(beginning);
    expected.since("`logged` is the number of the newest stable mark, the journal loses the rest");
    if let Some(mark) = mark {
        expected.state.logged = mark.state.seq;
    }
    // What an answer needs is held against what was kept; what was kept, against the contract.
    kept(&expected, mark, &after.journal.0)?;
    expected.state.journal = after.journal.clone();
    judge(&expected, after, &[])?;
    let records = match beginning {
        None if before.logged > Seq(0) => None,
        state => Some(state.into_iter().flatten().chain(after.journal.0.clone()).collect()),
    };
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

/// Whether the journal is one that the contract allows: it loses what the state covers, all PO-ARUs
/// but the last, and what is outdated. Whether that is told before or after the others are gone,
/// and whether a journal that cannot begin the log is touched, can be read either way.
fn kept(
    expected: &Expected<'_, State>,
    mark: Option<&Mark>,
    got: &[Record<Prime>],
) -> Result<(), Finding> {
    let all = &expected.state.journal.0[..];
    let seq = mark.map(|mark| mark.state.seq).unwrap_or_default();
    let last = all.iter().rposition(is_aru);
    let needed: Vec<bool> = (0..all.len())
        .map(|place| {
            let record = &all[place];
            let covers = |mark: &Mark| covered(expected.state.me, seq, &mark.prefix, record);
            !mark.is_some_and(covers) && (!is_aru(record) || Some(place) == last)
        })
        .collect();
    let rest: Vec<_> =
        all.iter().zip(&needed).filter(|(_, needed)| **needed).map(|(it, _)| it.clone()).collect();
    let of_all = readings(seq, all).map(|said| {
        said.into_iter().zip(&needed).filter(|(_, needed)| **needed).map(|(it, _)| it).collect()
    });
    let of_rest = readings(seq, &rest);
    let untouched = mark.is_none() && expected.state.logged > Seq(0) && all == got;
    let allowed = |said: &Vec<Said>| is_rest(&rest, said, got);
    if untouched || of_all.iter().chain(&of_rest).any(allowed) {
        return Ok(());
    }
    let kinds = |records: &[Record<Prime>]| format!("{} records: {records:?}", records.len());
    Err(Finding {
        rule: expected.rule("journal"),
        expected: format!("these without what is outdated: {}", kinds(&rest)),
        got: kinds(got),
    })
}

fn is_aru(record: &Record<Prime>) -> bool {
    matches!(record, Record::Promise(Body::PoAru(_)))
}

/// Whether `got` is `rest`, in order, without some records that may go and all that must.
fn is_rest(rest: &[Record<Prime>], said: &[Said], got: &[Record<Prime>]) -> bool {
    let mut left = got;
    for (record, said) in rest.iter().zip(said) {
        match left.split_first() {
            Some((first, others)) if first == record && said.allows(false) => left = others,
            _ if said.allows(true) => {}
            _ => return false,
        }
    }
    left.is_empty()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::Finding;
    use crate::checkpoint::kit::{
        all_trip, at, config, piece, preceding, proof, proved, trips, with_marks,
    };
    use crate::order::kit::{commit, proposal};
    use crate::pre_order::kit::aru_body;
    use prime::checkpoint::State;
    use wire::prime::{Body, Payload, Prime, RbInit, Report};
    use wire::{Record, Seq, View};

    fn promised(body: impl Into<Body>) -> Record<Prime> {
        Record::Promise(body.into())
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
        assert_eq!(outcome(&before, &after, None), Ok(()));
        assert_eq!(outcome(&before, &whole, None), Ok(()));
        trips(outcome(&before, &after, Some(&kept)), "answer");
    }
}
