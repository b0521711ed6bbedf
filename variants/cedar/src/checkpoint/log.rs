//! With what the log may begin again.

use prime::checkpoint::{MAX_ENTERED, Mark, State, chunk_records, covers, outdated};
use wire::prime::{Body, Prime};
use wire::{Record, Seq};

/// What is to be done.
enum Plan {
    Nothing,
    /// The state that the log begins with is not held any more.
    Wait,
    /// Begin with this mark's state.
    Begin(Mark),
    /// Leave out what is of no more use; there is no state yet.
    Thin,
}

/// The records with which the log may begin again.
pub fn log(state: &mut State) -> Option<Vec<Record<Prime>>> {
    let plan = plan(state);
    if !matches!(plan, Plan::Nothing) {
        state.due = false;
        state.entered = 0;
    }
    let head = match plan {
        Plan::Nothing | Plan::Wait => return None,
        Plan::Thin => Vec::new(),
        Plan::Begin(mark) => {
            state.logged = mark.state.seq;
            drop_covered(state, &mark);
            beginning(&mark)
        }
    };
    let journal = std::mem::take(&mut state.journal.0);
    state.journal.0 = without_outdated(state.logged, with_last_aru(journal));
    Some(head.into_iter().chain(state.journal.0.iter().cloned()).collect())
}

fn plan(state: &State) -> Plan {
    if !state.due && state.entered < MAX_ENTERED {
        return Plan::Nothing;
    }
    let mark = state
        .marks
        .range(..=state.stable)
        .rev()
        .map(|(_, mark)| mark)
        .find(|mark| mark.snapshot.is_some() && mark.proof.is_some());
    match mark {
        Some(mark) => Plan::Begin(mark.clone()),
        None if state.logged == Seq(0) => Plan::Thin,
        None => Plan::Wait,
    }
}

/// The journal loses what the mark's state covers.
fn drop_covered(state: &mut State, mark: &Mark) {
    let me = state.me;
    state.journal.0.retain(|record| !covers(me, mark.state.seq, &mark.prefix, record));
}

/// The proof and the chunks of a mark.
fn beginning(mark: &Mark) -> Vec<Record<Prime>> {
    let proof = mark.proof.iter().map(|proof| Record::Promise(Body::CheckpointProof(proof.clone())));
    let chunks = mark.snapshot.iter().flat_map(|snapshot| chunk_records(mark, snapshot));
    proof.chain(chunks).collect()
}

/// Of promised PO-ARUs with the last alone.
fn with_last_aru(records: Vec<Record<Prime>>) -> Vec<Record<Prime>> {
    let last = records.iter().rposition(is_po_aru);
    records
        .into_iter()
        .enumerate()
        .filter(|(place, record)| !is_po_aru(record) || last == Some(*place))
        .map(|(_, record)| record)
        .collect()
}

/// Without what is outdated in a log that begins with the state after `seq`.
fn without_outdated(seq: Seq, records: Vec<Record<Prime>>) -> Vec<Record<Prime>> {
    let old = outdated(seq, &records);
    records
        .into_iter()
        .zip(old.into_iter().chain(std::iter::repeat(false)))
        .filter(|(_, old)| !old)
        .map(|(record, _)| record)
        .collect()
}

fn is_po_aru(record: &Record<Prime>) -> bool {
    matches!(record, Record::Promise(Body::PoAru(_)))
}
