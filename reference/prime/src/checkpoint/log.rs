//! The log begins anew.

use crate::checkpoint::{Mark, Snapshot, State, covers, outdated};
use slots::slot;
use wire::Blob;
use wire::machine::Record;
use wire::prime::{Body, Prime, StateChunk};

/// Says with which records the log may begin again, if a newer state can be its beginning.
///
/// `None`, nothing changed, unless `due`. Otherwise `due` is unset, and with the newest stable mark
/// whose bytes are held:
/// - its number becomes `logged`;
/// - `journal` loses what the mark's state [`covers`], all promised PO-ARUs but the last, and what is
///   [`outdated`];
/// - the answer is, in order: a `Promise` of the mark's proof, a `Promise` of a State-Chunk for each
///   chunk of the state, ascending, and the journal.
///
/// Invariant: a server that starts from these records has executed, promised and held the same, but
/// for what the state covers, as one that starts from all records ever written.
/// Paper: none. Deviation: none.
#[slot(checkpoint.log)]
pub fn log(state: &mut State) -> Option<Vec<Record<Prime>>> {
    if !std::mem::take(&mut state.due) {
        return None;
    }
    let held = |mark: &&Mark| mark.snapshot.is_some() && mark.proof.is_some();
    let mark = state.marks.values().rev().find(held)?;
    let (proof, snapshot) = (mark.proof.as_ref()?, mark.snapshot.as_ref()?);
    state.logged = mark.state.seq;
    let me = state.me;
    let mut records = vec![Record::Promise(proof.clone().into())];
    records.extend(chunk_records(mark, snapshot));
    let journal = &mut state.journal.0;
    journal.retain(|record| !covers(me, mark.state.seq, &mark.prefix, record));
    let is_aru = |record: &Record<Prime>| matches!(record, Record::Promise(Body::PoAru(_)));
    let last = journal.iter().rposition(is_aru);
    let mut at = 0..;
    journal.retain(|record| at.next() == last || !is_aru(record));
    let mut needless = outdated(mark.state.seq, journal).into_iter();
    journal.retain(|_| !needless.next().unwrap_or_default());
    records.extend(journal.iter().cloned());
    Some(records)
}

/// The state of a mark as records: a `Promise` of each of its chunks, ascending.
pub fn chunk_records<'a>(
    mark: &'a Mark,
    snapshot: &'a Snapshot,
) -> impl Iterator<Item = Record<Prime>> + 'a {
    let count = u32::try_from(mark.state.chunks()).expect("at most 2^16 chunks");
    (0..count).map(move |index| {
        let bytes = Blob::new(snapshot.chunk(index).to_vec()).expect("cut at CHUNK");
        let path = snapshot.tree.path(index as usize);
        Record::Promise(StateChunk { state: mark.state, index, bytes, path }.into())
    })
}
