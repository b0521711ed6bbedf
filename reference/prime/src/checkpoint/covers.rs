//! Which records a state makes needless.

use slots::slot;
use wire::machine::Record;
use wire::prime::{Body, Incoming, Prime};
use wire::{PoSeq, ReplicaId, Seq};

/// Says whether the log of server `me` can do without `record` once it begins with the state after
/// `seq`, in which `prefix` (by originator) was executed.
///
/// It can do without
/// - promised PO-Requests (of `me`), held PO-Requests (of their signer) and held Reconciliation parts
///   (of the originator that they name) with numbers at or below the originator's in `prefix` (one who
///   has no entry there covers nothing);
/// - promised and held Pre-Prepares, Prepares and Commits, and held Ordered-Certificates, with numbers
///   (an Ordered-Certificate's is its Pre-Prepare's) at or below `seq`;
/// - promised Checkpoint-Proofs and State-Chunks: a state's place is at the head of the log.
///
/// It needs everything else. PO-Acks are not promised as such: the held PO-Request stands for them.
/// Proofs of conflict are not logged.
///
/// Paper: none. Deviation: none.
///
/// Invariant: a record that is covered by a state is covered by every later one, whose prefix is
/// nowhere lower.
#[slot(checkpoint.covers)]
#[must_use]
#[expect(clippy::wildcard_enum_match_arm, reason = "what is not known to be needless is kept")]
pub fn covers(me: ReplicaId, seq: Seq, prefix: &[PoSeq], record: &Record<Prime>) -> bool {
    let executed = |o: ReplicaId, s: PoSeq| prefix.get(o.index()).is_some_and(|upto| s <= *upto);
    match record {
        Record::Promise(Body::PoRequest(request)) => executed(me, request.seq),
        Record::Promise(Body::PrePrepare(proposal)) => proposal.seq <= seq,
        Record::Promise(Body::Prepare(vote)) => vote.seq <= seq,
        Record::Promise(Body::Commit(vote)) => vote.seq <= seq,
        Record::Promise(Body::CheckpointProof(_) | Body::StateChunk(_)) => true,
        Record::Held(Incoming::PoRequest(request)) => {
            executed(request.signer(), request.body().seq)
        }
        Record::Held(Incoming::Recon(part)) => executed(part.body().originator, part.body().seq),
        Record::Held(Incoming::PrePrepare(proposal)) => proposal.body().seq <= seq,
        Record::Held(Incoming::Prepare(vote)) => vote.body().seq <= seq,
        Record::Held(Incoming::Commit(vote)) => vote.body().seq <= seq,
        Record::Held(Incoming::OrderedCertificate(held)) => held.body().pre_prepare.body.seq <= seq,
        _ => false,
    }
}
