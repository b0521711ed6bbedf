//! What `checkpoint.covers` must answer.

use crate::Finding;
use wire::prime::{Body, Incoming, Prime};
use wire::{PoSeq, Record, ReplicaId, Seq};

/// Whether a log that begins with a state needs a record no more.
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(
    me: ReplicaId,
    seq: Seq,
    prefix: &[PoSeq],
    record: &Record<Prime>,
    got: &bool,
) -> Result<(), Finding> {
    let expected = covered(me, seq, prefix, record);
    crate::answer("checkpoint.covers: what the state and its number cover", &expected, got)
}

/// Whether the state after `seq` stands for `record`.
pub(super) fn covered(me: ReplicaId, seq: Seq, prefix: &[PoSeq], record: &Record<Prime>) -> bool {
    let executed = |o: ReplicaId, s: PoSeq| {
        let row = usize::from(o.0).checked_sub(1);
        row.and_then(|row| prefix.get(row)).is_some_and(|&last| s <= last)
    };
    match record {
        Record::Promise(body) => match body {
            Body::PoRequest(request) => executed(me, request.seq),
            Body::PrePrepare(proposal) => proposal.seq <= seq,
            Body::Prepare(vote) => vote.seq <= seq,
            Body::Commit(vote) => vote.seq <= seq,
            Body::CheckpointProof(_) | Body::StateChunk(_) => true,
            _ => false,
        },
        Record::Held(message) => match message {
            Incoming::PoRequest(request) => executed(request.signer(), request.body().seq),
            Incoming::Recon(part) => executed(part.body().originator, part.body().seq),
            Incoming::PrePrepare(proposal) => proposal.body().seq <= seq,
            Incoming::Prepare(vote) => vote.body().seq <= seq,
            Incoming::Commit(vote) => vote.body().seq <= seq,
            Incoming::OrderedCertificate(shown) => shown.body().pre_prepare.body.seq <= seq,
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::checkpoint::kit::{ME, piece, preceding, proof, trips, vote};
    use crate::order::kit::{certificate, commit, prepare, proposal};
    use crate::pre_order::kit::{aru_body, request, vector};
    use crate::recon::kit::signed_part;
    use wire::prime::{Body, Incoming, Prime};
    use wire::{Record, Seq};

    /// After number 5, with three requests of server 1 and one of server 2 executed.
    fn is(record: Record<Prime>, expected: bool) {
        let run = |got| check(ME, Seq(5), &vector(&[3, 1, 0, 0]), &record, &got);
        assert_eq!(run(expected), Ok(()), "{record:?}");
        trips(run(!expected), "cover");
    }

    fn held(message: impl Into<Incoming>, expected: bool) {
        is(Record::Held(message.into()), expected);
    }

    fn promised(body: impl Into<Body>, expected: bool) {
        is(Record::Promise(body.into()), expected);
    }

    #[test]
    fn what_was_executed_is_covered() {
        promised(request(1, 3, 1).body().clone(), true);
        promised(request(1, 4, 1).body().clone(), false);
        held(request(2, 1, 1), true);
        held(request(2, 2, 1), false);
        held(request(1, 3, 1), true);
        held(signed_part(1, &request(2, 1, 1)), true);
        held(signed_part(1, &request(2, 2, 1)), false);
        for (seq, expected) in [(5, true), (6, false)] {
            let of = proposal(seq);
            held(of.clone(), expected);
            promised(of.body().clone(), expected);
            held(prepare(3, &of), expected);
            promised(prepare(1, &of).body().clone(), expected);
            held(commit(3, &of), expected);
            promised(commit(1, &of).body().clone(), expected);
            held(certificate(&of, &[commit(3, &of)]), expected);
        }
    }

    #[test]
    fn a_state_goes_and_everything_else_stays() {
        promised(proof(9, &[2, 3, 4], preceding(9)), true);
        promised(piece(9, 0), true);
        promised(aru_body(&[1, 0, 0, 0]), false);
        held(vote(3, 1), false);
        held(crate::pre_order::kit::aru(3, &[1, 0, 0, 0]), false);
    }
}
