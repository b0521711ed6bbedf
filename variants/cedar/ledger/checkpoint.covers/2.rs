//! What a log that begins with a state can do without.

use wire::prime::{Body, Incoming, Prime};
use wire::{PoSeq, Record, ReplicaId, Seq};

/// What a record is about, as far as states cover it.
enum About {
    Number(Seq),
    Request(ReplicaId, PoSeq),
    /// A state: its place is at the head of the log.
    State,
    Else,
}

/// Whether the state after `seq`, with `prefix` executed, covers `record`.
pub fn covers(me: ReplicaId, seq: Seq, prefix: &[PoSeq], record: &Record<Prime>) -> bool {
    match about(me, record) {
        About::Number(number) => number <= seq,
        About::Request(originator, number) => prefix
            .get(usize::from(originator.0).wrapping_sub(1))
            .is_some_and(|executed| number <= *executed),
        About::State => true,
        About::Else => false,
    }
}

fn about(me: ReplicaId, record: &Record<Prime>) -> About {
    match record {
        Record::Promise(Body::PoRequest(it)) => About::Request(me, it.seq),
        Record::Promise(Body::PrePrepare(it)) => About::Number(it.seq),
        Record::Promise(Body::Prepare(it)) => About::Number(it.seq),
        Record::Promise(Body::Commit(it)) => About::Number(it.seq),
        Record::Promise(Body::CheckpointProof(_) | Body::StateChunk(_)) => About::State,
        Record::Held(Incoming::Recon(it)) => About::Request(it.body().originator, it.body().seq),
        Record::Held(Incoming::PoRequest(it)) => About::Request(it.signer(), it.body().seq),
        Record::Held(Incoming::PrePrepare(it)) => About::Number(it.body().seq),
        Record::Held(Incoming::Prepare(it)) => About::Number(it.body().seq),
        Record::Held(Incoming::Commit(it)) => About::Number(it.body().seq),
        Record::Held(Incoming::OrderedCertificate(it)) => {
            About::Number(it.body().pre_prepare.body.seq)
        }
        Record::Promise(_) | Record::Held(_) => About::Else,
    }
}
