//! With which records the log may begin again.

use prime::checkpoint::{MAX_ENTERED, Mark, Snapshot, State, chunk_records};
use std::mem;
use wire::prime::{Body, CheckpointProof, Prime};
use wire::{Record, Seq};

/// Bits in a word of a set of places.
const WORD: usize = 64;

/// Whether the set has `place`.
fn has(set: &[u64], place: usize) -> bool {
    match set.get(place / WORD) {
        Some(word) => word >> (place % WORD) & 1 == 1,
        None => false,
    }
}

/// The number of the newest stable mark whose bytes and proof are held.
fn newest(state: &State) -> Option<Seq> {
    for (&number, mark) in state.marks.range(..=state.stable).rev() {
        if mark.proof.is_some() && mark.snapshot.is_some() {
            return Some(number);
        }
    }
    None
}

/// The parts of `mark`, if all that the log may begin with is held.
fn parts(mark: &Mark) -> Option<(&CheckpointProof, &Snapshot)> {
    let proof = mark.proof.as_ref()?;
    let snapshot = mark.snapshot.as_ref()?;
    Some((proof, snapshot))
}

/// The records that are not in `gone`.
fn without(records: Vec<Record<Prime>>, gone: &[u64]) -> Vec<Record<Prime>> {
    let mut left = Vec::with_capacity(records.len());
    let mut place = 0usize;
    for record in records {
        if !has(gone, place) {
            left.push(record);
        }
        place += 1;
    }
    left
}

/// The places, from the end, of what the state of `mark` covers (if there is one) and of all promised
/// PO-ARUs that are left but the last.
fn superseded(state: &State, mark: Option<(Seq, &Mark)>) -> Vec<u64> {
    let records = &state.journal.0;
    let mut gone = vec![0u64; records.len().div_ceil(WORD)];
    let mut said = false;
    let mut place = records.len();
    while place > 0 {
        place -= 1;
        let Some(record) = records.get(place) else {
            break;
        };
        let mut drop = false;
        if let Some((number, mark)) = mark {
            drop = prime::checkpoint::covers(state.me, number, &mark.prefix, record);
        }
        if !drop {
            if let Record::Promise(Body::PoAru(_)) = record {
                drop = said;
                said = true;
            }
        }
        if drop {
            if let Some(word) = gone.get_mut(place / WORD) {
                *word |= 1u64 << (place % WORD);
            }
        }
    }
    gone
}

/// Says with which records the log may begin again, if it may and should.
pub fn log(state: &mut State) -> Option<Vec<Record<Prime>>> {
    if !state.due && state.entered < MAX_ENTERED {
        return None;
    }
    state.due = false;
    state.entered = 0;

    let newest = newest(state);
    if newest.is_none() && state.logged > Seq(0) {
        return None;
    }
    if let Some(number) = newest {
        state.logged = number;
    }

    // Steps 2 and 3.
    let mut mark: Option<(Seq, &Mark)> = None;
    if let Some(number) = newest {
        if let Some(found) = state.marks.get(&number) {
            mark = Some((number, found));
        }
    }
    let gone = superseded(state, mark);
    let left = without(mem::take(&mut state.journal.0), &gone);

    // Step 4.
    let answers = prime::checkpoint::outdated(state.logged, &left);
    let mut useless = vec![0u64; left.len().div_ceil(WORD)];
    let mut place = 0usize;
    for useless_here in answers {
        if useless_here {
            if let Some(word) = useless.get_mut(place / WORD) {
                *word |= 1u64 << (place % WORD);
            }
        }
        place += 1;
    }
    state.journal.0 = without(left, &useless);

    // Step 5.
    let mut records = Vec::new();
    if let Some(number) = newest {
        if let Some(mark) = state.marks.get(&number) {
            if let Some((proof, snapshot)) = parts(mark) {
                let chunks = mark.state.chunks().min(1 << 16) as usize;
                records.reserve(1 + chunks + state.journal.0.len());
                records.push(Record::Promise(Body::CheckpointProof(proof.clone())));
                for chunk in chunk_records(mark, snapshot) {
                    records.push(chunk);
                }
            }
        }
    }
    records.extend_from_slice(&state.journal.0);
    Some(records)
}
