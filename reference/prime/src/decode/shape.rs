//! What every message of a correct server has in common.

use slots::slot;
use wire::prime::{MAX_BATCH_BYTES, Matrix, Message, PoRequest, PrePrepare};
use wire::{Config, PoSeq, Reject, ReplicaId, Seq, Signed};

/// Refuses a decoded message whose shape no correct server of this cluster would send.
///
/// # Errors
///
/// Rejects: `Malformed` unless all of these hold:
/// - every replica that is named (signer of the message or of one inside it, originator) is one of
///   `1..=n`, and numbers of PO-Requests, acknowledgements, Pre-Prepares and votes are above 0;
/// - a PO-Request has an update and at most `MAX_BATCH_BYTES` bytes of payload in all, a PO-Ack
///   message has an acknowledgement;
/// - a PO-ARU has N entries; a matrix has N rows, and row i is null or signed by server i with N
///   entries;
/// - an Ordered-Certificate's Commits ascend strictly by signer.
///
/// Invariant: what passes cannot make any handler index out of bounds.
/// Paper: none. Deviation: none.
#[slot(decode.shape)]
pub fn shape(config: &Config, message: &Message) -> Result<(), Reject> {
    let known = |id: ReplicaId| config.is_replica(id);
    let whole = |entries: usize| entries == config.size();
    let fits = match message {
        Message::PoRequest(m) => request_fits(config, m),
        Message::PoAcks(m) => {
            let mut acks = m.body.acks.iter();
            known(m.signer)
                && !m.body.acks.is_empty()
                && acks.all(|ack| known(ack.originator) && ack.seq > PoSeq(0))
        }
        Message::PoAru(m) => known(m.signer) && whole(m.body.vec.len()),
        Message::PoRequestConflict(m) => {
            let both = [&m.body.first, &m.body.second];
            known(m.signer) && both.iter().all(|request| request_fits(config, request))
        }
        Message::PoAruConflict(m) => {
            let both = [&m.body.first, &m.body.second];
            known(m.signer) && both.iter().all(|r| known(r.signer) && whole(r.body.vec.len()))
        }
        Message::ProofMatrix(m) => known(m.signer) && matrix_fits(config, &m.body.matrix),
        Message::PrePrepare(m) => proposal_fits(config, m),
        Message::Prepare(m) => known(m.signer) && m.body.seq > Seq(0),
        Message::Commit(m) => known(m.signer) && m.body.seq > Seq(0),
        Message::PrePrepareConflict(m) => {
            let both = [&m.body.first, &m.body.second];
            known(m.signer) && both.iter().all(|proposal| proposal_fits(config, proposal))
        }
        Message::Recon(m) => known(m.signer) && known(m.body.originator) && m.body.seq > PoSeq(0),
        Message::ReconRequest(m) => {
            known(m.signer) && known(m.body.originator) && m.body.seq > PoSeq(0)
        }
        Message::CatchUpRequest(m) => known(m.signer),
        Message::OrderedCertificate(m) => {
            let commits = &m.body.commits;
            known(m.signer)
                && proposal_fits(config, &m.body.pre_prepare)
                && commits.iter().all(|vote| known(vote.signer) && vote.body.seq > Seq(0))
                && commits.windows(2).all(|pair| pair[0].signer < pair[1].signer)
        }
    };
    if fits { Ok(()) } else { Err(Reject::Malformed) }
}

fn request_fits(config: &Config, request: &Signed<PoRequest>) -> bool {
    let bytes: usize = request.body.updates.iter().map(|update| update.body.payload.len()).sum();
    config.is_replica(request.signer)
        && request.body.seq > PoSeq(0)
        && !request.body.updates.is_empty()
        && bytes <= MAX_BATCH_BYTES
}

fn proposal_fits(config: &Config, proposal: &Signed<PrePrepare>) -> bool {
    config.is_replica(proposal.signer)
        && proposal.body.seq > Seq(0)
        && matrix_fits(config, &proposal.body.matrix)
}

fn matrix_fits(config: &Config, matrix: &Matrix) -> bool {
    matrix.rows.len() == config.size()
        && matrix.rows.iter().enumerate().all(|(index, row)| {
            row.as_ref().is_none_or(|row| {
                row.signer == ReplicaId::from_index(index) && row.body.vec.len() == config.size()
            })
        })
}
