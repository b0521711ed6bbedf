//! Behind which records of the log a Pre-Prepare that stands there already is needed again.

use wire::machine::Record;
use wire::prime::{Body, Incoming, Prime};

/// Whether a restart that reads `record` may take a Pre-Prepare otherwise after it than before.
pub(super) fn turns(record: &Record<Prime>) -> bool {
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
    use crate::checkpoint::forget_repeats;
    use std::sync::Arc;
    use wire::auth::Context;
    use wire::prime::{
        Matrix, Payload, PoAru, PrePrepare, RbInit, Report, Resolution, ResolutionAnswer,
    };
    use wire::stub::Stub;
    use wire::{Config, Digest, List, ReplicaId, Seq, Signer, View};

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
