//! What a log that begins with a state can do without.

use wire::prime::{Body, Incoming, Prime};
use wire::{PoSeq, Record, ReplicaId, Seq};

/// Whether number `seq` of `originator` is at or below its entry in `prefix`.
fn executed(prefix: &[PoSeq], originator: ReplicaId, seq: PoSeq) -> bool {
    let row = usize::from(originator.0).wrapping_sub(1);
    match prefix.get(row) {
        Some(&upto) => seq <= upto,
        None => false,
    }
}

/// Whether the log of `me` can do without `record` once it begins with the state after `seq`.
pub fn covers(me: ReplicaId, seq: Seq, prefix: &[PoSeq], record: &Record<Prime>) -> bool {
    match record {
        Record::Promise(body) => match body {
            Body::PoRequest(request) => executed(prefix, me, request.seq),
            Body::PrePrepare(proposal) => proposal.seq <= seq,
            Body::Prepare(vote) => vote.seq <= seq,
            Body::Commit(vote) => vote.seq <= seq,
            Body::CheckpointProof(_) | Body::StateChunk(_) => true,
            _ => false,
        },
        Record::Held(incoming) => match incoming {
            Incoming::PoRequest(request) => {
                executed(prefix, request.signer(), request.body().seq)
            }
            Incoming::Recon(part) => {
                let part = part.body();
                executed(prefix, part.originator, part.seq)
            }
            Incoming::PrePrepare(proposal) => proposal.body().seq <= seq,
            Incoming::Prepare(vote) => vote.body().seq <= seq,
            Incoming::Commit(vote) => vote.body().seq <= seq,
            Incoming::OrderedCertificate(certificate) => {
                certificate.body().pre_prepare.body.seq <= seq
            }
            _ => false,
        },
    }
}
