//! The log begins anew.

use crate::checkpoint::{MAX_ENTERED, Mark, State, chunk_records, covers, outdated};
use slots::slot;
use wire::Seq;
use wire::machine::Record;
use wire::prime::{Body, Prime};

/// Says with which records the log may begin again, if a newer state can be its beginning or much can
/// be left out of it. Called after each step, once the log was read.
///
/// `None`, nothing changed, unless `due` or `entered` is at least [`MAX_ENTERED`]. Otherwise `due` is
/// unset and `entered` becomes 0. Then, with the newest stable mark (at or below `stable`, see
/// [`settle`](super::settle)) whose bytes and proof are held:
/// 1. its number becomes `logged`;
/// 2. `journal` loses what the mark's state [`covers`];
/// 3. of the promised PO-ARUs that are left in it, it loses all but the last;
/// 4. it loses what is [`outdated`] among the records that are left by now, after `logged`;
/// 5. the answer is, in order: a `Promise` of the mark's proof, a `Promise` of each chunk of the state
///    ([`chunk_records`]), and the journal.
///
/// Without such a mark, and `logged` 0, the log began with the journal and does so again: steps 3 and 4,
/// and the answer is the journal alone. Without such a mark, and `logged` above 0, the state that the
/// log begins with is not held any more: the answer is `None`, and the journal stays as it is.
///
/// Invariant: a server that starts from these records has executed, promised and held the same, but
/// for what the state covers, as one that starts from all records ever written.
/// Paper: none. Deviation: none.
#[slot(checkpoint.log)]
pub fn log(state: &mut State) -> Option<Vec<Record<Prime>>> {
    if !state.due && state.entered < MAX_ENTERED {
        return None;
    }
    (state.due, state.entered) = (false, 0);
    let held = |mark: &&Mark| mark.snapshot.is_some() && mark.proof.is_some();
    let mark = state.marks.range(..=state.stable).rev().map(|(_, mark)| mark).find(held);
    if mark.is_none() && state.logged > Seq(0) {
        return None;
    }
    let mut records = Vec::new();
    let journal = &mut state.journal.0;
    if let Some((mark, proof, snapshot)) =
        mark.and_then(|mark| Some((mark, mark.proof.as_ref()?, mark.snapshot.as_ref()?)))
    {
        state.logged = mark.state.seq;
        records.push(Record::Promise(proof.clone().into()));
        records.extend(chunk_records(mark, snapshot));
        journal.retain(|record| !covers(state.me, mark.state.seq, &mark.prefix, record));
    }
    let is_aru = |record: &Record<Prime>| matches!(record, Record::Promise(Body::PoAru(_)));
    let last = journal.iter().rposition(is_aru);
    let mut at = 0..;
    journal.retain(|record| at.next() == last || !is_aru(record));
    let mut needless = outdated(state.logged, journal).into_iter();
    journal.retain(|_| !needless.next().unwrap_or_default());
    records.extend(journal.iter().cloned());
    Some(records)
}
