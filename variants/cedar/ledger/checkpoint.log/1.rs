//! With what the log may begin again.

use prime::checkpoint::{MAX_ENTERED, Mark, State, chunk_records, covers, outdated};
use wire::prime::{Body, Prime};
use wire::{Record, Seq};

/// What is to be done.
enum Plan {
    Nothing,
    /// Begin with this mark's state.
    Begin(Mark),
    /// Leave out what is of no more use; there is no state yet.
    Thin,
}

/// The records with which the log may begin again.
pub fn log(state: &mut State) -> Option<Vec<Record<Prime>>> {
    let (seq, prefix, mut records) = match plan(state) {
        Plan::Nothing => return None,
        Plan::Thin => (Seq(0), Vec::new(), Vec::new()),
        Plan::Begin(mark) => {
            let records = beginning(&mark);
            (mark.state.seq, mark.prefix, records)
        }
    };
    let journal = std::mem::take(&mut state.journal.0);
    let me = state.me;
    let kept: Vec<Record<Prime>> =
        journal.into_iter().filter(|record| !covers(me, seq, &prefix, record)).collect();
    state.journal.0 = thinned(seq, kept);
    state.due = false;
    state.logged = state.logged.max(seq);
    state.entered = 0;
    records.extend(state.journal.0.iter().cloned());
    Some(records)
}

fn plan(state: &State) -> Plan {
    let crowded = state.entered >= MAX_ENTERED;
    if !state.due && !crowded {
        return Plan::Nothing;
    }
    let mark = state
        .marks
        .range(..=state.stable)
        .rev()
        .map(|(_, mark)| mark)
        .take_while(|mark| mark.state.seq >= state.logged)
        .find(|mark| mark.snapshot.is_some() && mark.proof.is_some());
    match mark {
        Some(mark) => Plan::Begin(mark.clone()),
        None if crowded && state.logged == Seq(0) => Plan::Thin,
        None => Plan::Nothing,
    }
}

/// The proof and the chunks of a mark.
fn beginning(mark: &Mark) -> Vec<Record<Prime>> {
    let proof = mark.proof.iter().map(|proof| Record::Promise(Body::CheckpointProof(proof.clone())));
    let chunks = mark.snapshot.iter().flat_map(|snapshot| chunk_records(mark, snapshot));
    proof.chain(chunks).collect()
}

/// Without what is outdated, and of PO-ARUs with the last alone.
fn thinned(seq: Seq, records: Vec<Record<Prime>>) -> Vec<Record<Prime>> {
    let old = outdated(seq, &records);
    let last = records.iter().rposition(is_po_aru);
    records
        .into_iter()
        .enumerate()
        .filter(|(place, record)| {
            let superseded = is_po_aru(record) && last != Some(*place);
            !superseded && !old.get(*place).copied().unwrap_or(false)
        })
        .map(|(_, record)| record)
        .collect()
}

fn is_po_aru(record: &Record<Prime>) -> bool {
    matches!(record, Record::Promise(Body::PoAru(_)))
}
