//! What the log holds, once more in memory.

use borsh::BorshSerialize;
use std::collections::BTreeMap;
use std::io::{Result, Write};
use wire::machine::{Protocol, Record};
use wire::prime::{Body, Incoming, Prime};
use wire::{Seq, View};

/// The records of the log that no stable checkpoint covers yet, in the order written.
///
/// Kept so that the log can be begun anew with exactly what was promised, whoever promised it.
/// Messages share their bytes with the other components. What is kept grows with what is ordered and
/// with the views that are installed between two stable checkpoints; of view changes that lead nowhere
/// and of PO-ARUs only the last is kept for long (see [`log`](super::log)), and of what each of these
/// changes rests on one copy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journal(pub Vec<Record<Prime>>);

impl Eq for Journal {}

impl BorshSerialize for Journal {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        (self.0.len() as u64).serialize(writer)?;
        self.0.iter().try_for_each(|record| match record {
            Record::Promise(body) => (0u8, body).serialize(writer),
            Record::Held(message) => (1u8, Prime::digest(message)).serialize(writer),
        })
    }
}

/// Takes out of a log's records each held Pre-Prepare that stands there already, where a restart that
/// reads it again comes to nothing new. So what every change of views rests on anew is there once,
/// however many of them lead nowhere.
///
/// Between the two there is no record at which a restart forgets Pre-Prepares, learns of resolutions
/// that name them, or binds numbers: they stay where they are needed behind one. Nor is there another
/// one of its view and number, whose place the second takes, or of the number below, after which it
/// might come in turn.
pub(crate) fn forget_repeats(records: &mut Vec<Record<Prime>>) {
    let mut read: BTreeMap<(View, Seq), &Record<Prime>> = BTreeMap::new();
    let mut repeats = Vec::with_capacity(records.len());
    for record in &*records {
        let mut repeated = false;
        if let Record::Held(Incoming::PrePrepare(held)) = record {
            let (view, seq) = (held.body().view, held.body().seq);
            repeated = read.get(&(view, seq)) == Some(&record);
            if !repeated {
                read.insert((view, seq), record);
                read.remove(&(view, seq.next()));
            }
        } else if turns(record) {
            read.clear();
        }
        repeats.push(repeated);
    }
    let mut repeats = repeats.into_iter();
    records.retain(|_| !repeats.next().expect("one for each"));
}

/// Whether a restart that reads `record` may take a Pre-Prepare otherwise after it than before.
fn turns(record: &Record<Prime>) -> bool {
    matches!(
        record,
        Record::Promise(
            Body::RbInit(_)
                | Body::InstallCertificate(_)
                | Body::ResolutionAnswer(_)
                | Body::CheckpointProof(_)
                | Body::StateChunk(_)
        ) | Record::Held(Incoming::OrderedCertificate(_))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use wire::auth::Context;
    use wire::prime::{
        Matrix, Payload, PoAru, PrePrepare, RbInit, Report, Resolution, ResolutionAnswer,
    };
    use wire::stub::Stub;
    use wire::{Config, Digest, List, ReplicaId, Signer};

    /// A held Pre-Prepare of view 0 with a matrix of so many rows.
    fn proposal(seq: u64, rows: usize) -> Record<Prime> {
        let (config, id) = (Config::new(Digest::default(), 4, 1, 0), ReplicaId(1));
        let signer = Signer::new(Context::from(&config), Arc::new(Stub(id.into())));
        let rows = List::new(vec![None; rows]).unwrap();
        let body = PrePrepare { view: View(0), seq: Seq(seq), matrix: Matrix { rows } };
        Record::Held(signer.seal::<Prime>(id, vec![body.into()], Vec::new()).0.remove(0))
    }

    fn left(mut records: Vec<Record<Prime>>) -> Vec<Record<Prime>> {
        forget_repeats(&mut records);
        records
    }

    #[test]
    fn a_proposal_that_is_read_again_to_no_effect_is_left_out() {
        let [one, two, three] = [1, 2, 3].map(|seq| proposal(seq, 0));
        let row = Record::Promise(PoAru { vec: List::empty() }.into());
        let once = [one, two, three];
        let thrice = [&once[..], std::slice::from_ref(&row), &once, &once].concat();
        assert_eq!(left(thrice), [&once[..], &[row]].concat());
    }

    #[test]
    fn a_proposal_that_may_be_taken_otherwise_the_second_time_stays() {
        let report = Report { executed: Seq(0), count: 0, replay: None };
        let payload = Payload::Report(report);
        let resolution = Resolution { base: Seq(0), entries: List::empty() };
        let between = [
            // Another change begins, and forgets what nothing before it names.
            Record::Promise(RbInit { view: View(1), seq: 0, payload }.into()),
            // A resolution that may name it.
            Record::Promise(ResolutionAnswer { resolution }.into()),
            // Another one in its place.
            proposal(2, 1),
            // The one that it follows.
            proposal(1, 0),
        ];
        for record in between {
            let records = vec![proposal(2, 0), record, proposal(2, 0)];
            assert_eq!(left(records.clone()), records);
        }
    }
}
