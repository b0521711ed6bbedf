//! `checkpoint.log`: the log begins anew.

use prime::checkpoint::{MAX_ENTERED, Mark, Snapshot, State, chunk_records, covers, outdated};
use wire::prime::{Body, CheckpointProof, Prime};
use wire::{Record, ReplicaId, Seq};

/// The newest stable mark whose bytes and proof are held, with both.
fn newest(state: &State) -> Option<(Seq, &Mark, &Snapshot, &CheckpointProof)> {
    state.marks.range(..=state.stable).rev().find_map(|(&seq, mark)| {
        let (snapshot, proof) = mark.snapshot.as_ref().zip(mark.proof.as_ref())?;
        Some((seq, mark, snapshot, proof))
    })
}

/// The state of a mark, as the log begins with it.
fn head(mark: &Mark, snapshot: &Snapshot, proof: &CheckpointProof) -> Vec<Record<Prime>> {
    std::iter::once(Record::Promise(Body::CheckpointProof(proof.clone())))
        .chain(chunk_records(mark, snapshot))
        .collect()
}

/// Without what `prefix` and `seq` cover, if they are given.
fn uncovered(
    me: ReplicaId,
    covered: Option<(Seq, &Mark)>,
    records: Vec<Record<Prime>>,
) -> Vec<Record<Prime>> {
    match covered {
        None => records,
        Some((seq, mark)) => records
            .into_iter()
            .filter(|record| !covers(me, seq, &mark.prefix, record))
            .collect(),
    }
}

/// Of the promised PO-ARUs only the last.
fn last_aru(records: Vec<Record<Prime>>) -> Vec<Record<Prime>> {
    let is_aru = |record: &Record<Prime>| matches!(record, Record::Promise(Body::PoAru(_)));
    let last = records.iter().rposition(is_aru);
    records
        .into_iter()
        .enumerate()
        .filter(|(place, record)| Some(*place) == last || !is_aru(record))
        .map(|(_, record)| record)
        .collect()
}

/// Without what is outdated after `logged`.
fn current(logged: Seq, records: Vec<Record<Prime>>) -> Vec<Record<Prime>> {
    let needless = outdated(logged, &records);
    records
        .into_iter()
        .zip(needless.into_iter().chain(std::iter::repeat(false)))
        .filter(|(_, needless)| !needless)
        .map(|(record, _)| record)
        .collect()
}

/// With which records the log may begin again.
pub fn log(state: &mut State) -> Option<Vec<Record<Prime>>> {
    if !state.due && state.entered < MAX_ENTERED {
        return None;
    }
    state.due = false;
    state.entered = 0;
    let old = std::mem::take(&mut state.journal.0);
    let mark = newest(state);
    if mark.is_none() && state.logged > Seq(0) {
        state.journal.0 = old;
        return None;
    }
    let logged = mark.map_or(state.logged, |(seq, ..)| seq);
    let covered = mark.map(|(seq, mark, ..)| (seq, mark));
    let left = current(logged, last_aru(uncovered(state.me, covered, old)));
    let mut answer =
        mark.map_or_else(Vec::new, |(_, mark, snapshot, proof)| head(mark, snapshot, proof));
    answer.extend_from_slice(&left);
    state.logged = logged;
    state.journal.0 = left;
    Some(answer)
}
