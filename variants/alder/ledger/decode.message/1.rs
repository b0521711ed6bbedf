//! Bytes to one message, by hand: one index into the slice, which only moves forward.
//!
//! Every function takes the whole slice and the index, reads what stands there and leaves the index
//! behind it. Functions named for a type read that type; `signed_...` read signer, body and
//! authenticator. Nothing is looked at twice, and no memory is set aside for items not yet read.

use wire::auth::{Auth, Signature, Signed};
use wire::client::{MAX_PAYLOAD, Update};
use wire::codec::MAX_MESSAGE;
use wire::config::MAX_REPLICAS;
use wire::merkle::{MAX_DEPTH, Path};
use wire::prime::{
    Bound, CHUNK, CatchUpRequest, Certificate, Checkpoint, CheckpointProof, Commit, Constraint,
    Ids, InstallCertificate, MAX_ACKS, MAX_BATCH, MAX_PART, MAX_REPLAY, Matrix, Message, NewLeader,
    NewLeaderProof, OrderedCertificate, Partials, Payload, PoAck, PoAcks, PoAru, PoAruConflict,
    PoRequest, PoRequestConflict, PrePrepare, PrePrepareConflict, Prepare, ProofMatrix,
    ProposalRequest, RbEcho, RbInit, RbReady, RbRequest, Recon, ReconRequest, Replay,
    ReplayCertificate, ReplayCommit, ReplayConflict, ReplayPrepare, Report, Resolution,
    ResolutionAnswer, ResolutionRequest, RttMeasure, RttPing, RttPong, StateChunk, StateId,
    StateRequest, TatMeasure, TatUb, VcList, VcPartialSig, VcProof,
};
use wire::{Blob, ClientId, ClientSeq, Digest, List, PoSeq, Reject, ReplicaId, Seq, View};

/// Decodes one message of Prime.
///
/// `bytes` must be the canonical encoding of exactly one [`Message`]: borsh as the `wire` crate
/// describes it, every count at or below the cap of its type, known tags only, nothing left over,
/// and at most `MAX_MESSAGE` bytes in all. No count makes it reserve more than a few kilobytes
/// before that many bytes of items have been read.
///
/// Never panics.
/// # Errors
/// Rejects: `Malformed` for anything else.
///
/// Invariant: what it accepts encodes to the same bytes again.
/// Paper: none. Deviation: none.
pub fn message(bytes: &[u8]) -> Result<Message, Reject> {
    if bytes.len() > MAX_MESSAGE {
        return Err(Reject::Malformed);
    }
    let mut at = 0;
    let found = any_message(bytes, &mut at)?;
    if at != bytes.len() {
        return Err(Reject::Malformed);
    }
    Ok(found)
}

fn any_message(bytes: &[u8], at: &mut usize) -> Result<Message, Reject> {
    let tag = byte(bytes, at)?;
    Ok(match tag {
        0 => Message::PoRequest(signed_po_request(bytes, at)?),
        1 => Message::PoAcks(signed_po_acks(bytes, at)?),
        2 => Message::PoAru(signed_po_aru(bytes, at)?),
        3 => Message::PoRequestConflict(signed_po_request_conflict(bytes, at)?),
        4 => Message::PoAruConflict(signed_po_aru_conflict(bytes, at)?),
        5 => Message::ProofMatrix(signed_proof_matrix(bytes, at)?),
        6 => Message::PrePrepare(signed_pre_prepare(bytes, at)?),
        7 => Message::Prepare(signed_prepare(bytes, at)?),
        8 => Message::Commit(signed_commit(bytes, at)?),
        9 => Message::PrePrepareConflict(signed_pre_prepare_conflict(bytes, at)?),
        10 => Message::Recon(signed_recon(bytes, at)?),
        11 => Message::ReconRequest(signed_recon_request(bytes, at)?),
        12 => Message::CatchUpRequest(signed_catch_up_request(bytes, at)?),
        13 => Message::OrderedCertificate(signed_ordered_certificate(bytes, at)?),
        14 => Message::RttPing(signed_rtt_ping(bytes, at)?),
        15 => Message::RttPong(signed_rtt_pong(bytes, at)?),
        16 => Message::RttMeasure(signed_rtt_measure(bytes, at)?),
        17 => Message::TatUb(signed_tat_ub(bytes, at)?),
        18 => Message::TatMeasure(signed_tat_measure(bytes, at)?),
        19 => Message::NewLeader(signed_new_leader(bytes, at)?),
        20 => Message::NewLeaderProof(signed_new_leader_proof(bytes, at)?),
        21 => Message::RbInit(signed_rb_init(bytes, at)?),
        22 => Message::RbEcho(signed_rb_echo(bytes, at)?),
        23 => Message::RbReady(signed_rb_ready(bytes, at)?),
        24 => Message::RbRequest(signed_rb_request(bytes, at)?),
        25 => Message::VcList(signed_vc_list(bytes, at)?),
        26 => Message::VcPartialSig(signed_vc_partial_sig(bytes, at)?),
        27 => Message::VcProof(signed_vc_proof(bytes, at)?),
        28 => Message::Replay(signed_replay(bytes, at)?),
        29 => Message::ReplayPrepare(signed_replay_prepare(bytes, at)?),
        30 => Message::ReplayCommit(signed_replay_commit(bytes, at)?),
        31 => Message::ReplayConflict(signed_replay_conflict(bytes, at)?),
        32 => Message::InstallCertificate(signed_install_certificate(bytes, at)?),
        33 => Message::ResolutionRequest(signed_resolution_request(bytes, at)?),
        34 => Message::ResolutionAnswer(signed_resolution_answer(bytes, at)?),
        35 => Message::ProposalRequest(signed_proposal_request(bytes, at)?),
        36 => Message::Checkpoint(signed_checkpoint(bytes, at)?),
        37 => Message::CheckpointProof(signed_checkpoint_proof(bytes, at)?),
        38 => Message::StateRequest(signed_state_request(bytes, at)?),
        39 => Message::StateChunk(signed_state_chunk(bytes, at)?),
        _ => return Err(Reject::Malformed),
    })
}

// ---- the ground: bytes, integers, counts

/// Moves the index over `need` bytes, all of which are there, and says where they begin.
fn pass(bytes: &[u8], at: &mut usize, need: usize) -> Result<usize, Reject> {
    let start = *at;
    if start > bytes.len() {
        return Err(Reject::Malformed);
    }
    if bytes.len() - start < need {
        return Err(Reject::Malformed);
    }
    *at = start + need;
    Ok(start)
}

fn byte(bytes: &[u8], at: &mut usize) -> Result<u8, Reject> {
    let start = pass(bytes, at, 1)?;
    Ok(bytes[start])
}

/// An unsigned little-endian integer of `width` bytes, at most eight.
fn integer(bytes: &[u8], at: &mut usize, width: usize) -> Result<u64, Reject> {
    let start = pass(bytes, at, width)?;
    let mut value = 0;
    let mut i = width;
    while i > 0 {
        i -= 1;
        value = (value << 8) | u64::from(bytes[start + i]);
    }
    Ok(value)
}

fn short(bytes: &[u8], at: &mut usize) -> Result<u16, Reject> {
    Ok(integer(bytes, at, 2)? as u16)
}

fn word(bytes: &[u8], at: &mut usize) -> Result<u32, Reject> {
    Ok(integer(bytes, at, 4)? as u32)
}

fn long(bytes: &[u8], at: &mut usize) -> Result<u64, Reject> {
    integer(bytes, at, 8)
}

/// A count of items, none above `cap`.
fn count(bytes: &[u8], at: &mut usize, cap: usize) -> Result<usize, Reject> {
    let value = integer(bytes, at, 4)?;
    if value > cap as u64 {
        return Err(Reject::Malformed);
    }
    Ok(value as usize)
}

/// Says whether an optional value follows.
fn presence(bytes: &[u8], at: &mut usize) -> Result<bool, Reject> {
    let tag = byte(bytes, at)?;
    if tag > 1 {
        return Err(Reject::Malformed);
    }
    Ok(tag == 1)
}

/// A byte string; nothing is copied unless all of it is there.
fn blob<const MAX: usize>(bytes: &[u8], at: &mut usize) -> Result<Blob<MAX>, Reject> {
    let length = count(bytes, at, MAX)?;
    let start = pass(bytes, at, length)?;
    match Blob::new(bytes[start..start + length].to_vec()) {
        Ok(blob) => Ok(blob),
        Err(_) => Err(Reject::Malformed),
    }
}

/// Items that were read one after another, as a list.
fn listed<T, const MAX: usize>(items: Vec<T>) -> Result<List<T, MAX>, Reject> {
    match List::new(items) {
        Ok(list) => Ok(list),
        Err(_) => Err(Reject::Malformed),
    }
}

// ---- names, numbers, digests, authenticators

fn replica(bytes: &[u8], at: &mut usize) -> Result<ReplicaId, Reject> {
    Ok(ReplicaId(short(bytes, at)?))
}

fn client(bytes: &[u8], at: &mut usize) -> Result<ClientId, Reject> {
    Ok(ClientId(word(bytes, at)?))
}

fn view(bytes: &[u8], at: &mut usize) -> Result<View, Reject> {
    Ok(View(long(bytes, at)?))
}

fn seq(bytes: &[u8], at: &mut usize) -> Result<Seq, Reject> {
    Ok(Seq(long(bytes, at)?))
}

fn po_seq(bytes: &[u8], at: &mut usize) -> Result<PoSeq, Reject> {
    Ok(PoSeq(long(bytes, at)?))
}

fn client_seq(bytes: &[u8], at: &mut usize) -> Result<ClientSeq, Reject> {
    Ok(ClientSeq(long(bytes, at)?))
}

fn digest(bytes: &[u8], at: &mut usize) -> Result<Digest, Reject> {
    let start = pass(bytes, at, 32)?;
    let mut value = [0; 32];
    value.copy_from_slice(&bytes[start..start + 32]);
    Ok(Digest(value))
}

fn signature(bytes: &[u8], at: &mut usize) -> Result<Signature, Reject> {
    let start = pass(bytes, at, 64)?;
    let mut value = [0; 64];
    value.copy_from_slice(&bytes[start..start + 64]);
    Ok(Signature(value))
}

fn path(bytes: &[u8], at: &mut usize) -> Result<Path, Reject> {
    let total = count(bytes, at, MAX_DEPTH)?;
    let mut items = Vec::new();
    let mut i = 0;
    while i < total {
        items.push(digest(bytes, at)?);
        i += 1;
    }
    listed(items)
}

fn auth(bytes: &[u8], at: &mut usize) -> Result<Auth, Reject> {
    let signature = signature(bytes, at)?;
    let index = word(bytes, at)?;
    let path = path(bytes, at)?;
    Ok(Auth { signature, index, path })
}

// ---- pre-ordering

fn update(bytes: &[u8], at: &mut usize) -> Result<Update, Reject> {
    let seq = client_seq(bytes, at)?;
    let payload = blob::<MAX_PAYLOAD>(bytes, at)?;
    Ok(Update { seq, payload })
}

fn signed_update(bytes: &[u8], at: &mut usize) -> Result<Signed<Update>, Reject> {
    let signer = client(bytes, at)?;
    let body = update(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn po_request(bytes: &[u8], at: &mut usize) -> Result<PoRequest, Reject> {
    let seq = po_seq(bytes, at)?;
    let total = count(bytes, at, MAX_BATCH)?;
    let mut items = Vec::new();
    let mut i = 0;
    while i < total {
        items.push(signed_update(bytes, at)?);
        i += 1;
    }
    let updates = listed(items)?;
    Ok(PoRequest { seq, updates })
}

fn signed_po_request(bytes: &[u8], at: &mut usize) -> Result<Signed<PoRequest>, Reject> {
    let signer = replica(bytes, at)?;
    let body = po_request(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn po_ack(bytes: &[u8], at: &mut usize) -> Result<PoAck, Reject> {
    let originator = replica(bytes, at)?;
    let seq = po_seq(bytes, at)?;
    let digest = digest(bytes, at)?;
    Ok(PoAck { originator, seq, digest })
}

fn po_acks(bytes: &[u8], at: &mut usize) -> Result<PoAcks, Reject> {
    let total = count(bytes, at, MAX_ACKS)?;
    let mut items = Vec::new();
    let mut i = 0;
    while i < total {
        items.push(po_ack(bytes, at)?);
        i += 1;
    }
    let acks = listed(items)?;
    Ok(PoAcks { acks })
}

fn signed_po_acks(bytes: &[u8], at: &mut usize) -> Result<Signed<PoAcks>, Reject> {
    let signer = replica(bytes, at)?;
    let body = po_acks(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn po_aru(bytes: &[u8], at: &mut usize) -> Result<PoAru, Reject> {
    let total = count(bytes, at, MAX_REPLICAS)?;
    let mut items = Vec::new();
    let mut i = 0;
    while i < total {
        items.push(po_seq(bytes, at)?);
        i += 1;
    }
    let vec = listed(items)?;
    Ok(PoAru { vec })
}

fn signed_po_aru(bytes: &[u8], at: &mut usize) -> Result<Signed<PoAru>, Reject> {
    let signer = replica(bytes, at)?;
    let body = po_aru(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn matrix(bytes: &[u8], at: &mut usize) -> Result<Matrix, Reject> {
    let total = count(bytes, at, MAX_REPLICAS)?;
    let mut items = Vec::new();
    let mut i = 0;
    while i < total {
        if presence(bytes, at)? {
            items.push(Some(signed_po_aru(bytes, at)?));
        } else {
            items.push(None);
        }
        i += 1;
    }
    let rows = listed(items)?;
    Ok(Matrix { rows })
}

fn po_request_conflict(bytes: &[u8], at: &mut usize) -> Result<PoRequestConflict, Reject> {
    let first = signed_po_request(bytes, at)?;
    let second = signed_po_request(bytes, at)?;
    Ok(PoRequestConflict { first, second })
}

fn signed_po_request_conflict(
    bytes: &[u8],
    at: &mut usize,
) -> Result<Signed<PoRequestConflict>, Reject> {
    let signer = replica(bytes, at)?;
    let body = po_request_conflict(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn po_aru_conflict(bytes: &[u8], at: &mut usize) -> Result<PoAruConflict, Reject> {
    let first = signed_po_aru(bytes, at)?;
    let second = signed_po_aru(bytes, at)?;
    Ok(PoAruConflict { first, second })
}

fn signed_po_aru_conflict(bytes: &[u8], at: &mut usize) -> Result<Signed<PoAruConflict>, Reject> {
    let signer = replica(bytes, at)?;
    let body = po_aru_conflict(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn proof_matrix(bytes: &[u8], at: &mut usize) -> Result<ProofMatrix, Reject> {
    let matrix = matrix(bytes, at)?;
    Ok(ProofMatrix { matrix })
}

fn signed_proof_matrix(bytes: &[u8], at: &mut usize) -> Result<Signed<ProofMatrix>, Reject> {
    let signer = replica(bytes, at)?;
    let body = proof_matrix(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

// ---- ordering

fn pre_prepare(bytes: &[u8], at: &mut usize) -> Result<PrePrepare, Reject> {
    let view = view(bytes, at)?;
    let seq = seq(bytes, at)?;
    let matrix = matrix(bytes, at)?;
    Ok(PrePrepare { view, seq, matrix })
}

fn signed_pre_prepare(bytes: &[u8], at: &mut usize) -> Result<Signed<PrePrepare>, Reject> {
    let signer = replica(bytes, at)?;
    let body = pre_prepare(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn prepare(bytes: &[u8], at: &mut usize) -> Result<Prepare, Reject> {
    let view = view(bytes, at)?;
    let seq = seq(bytes, at)?;
    let digest = digest(bytes, at)?;
    Ok(Prepare { view, seq, digest })
}

fn signed_prepare(bytes: &[u8], at: &mut usize) -> Result<Signed<Prepare>, Reject> {
    let signer = replica(bytes, at)?;
    let body = prepare(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn prepares(bytes: &[u8], at: &mut usize) -> Result<List<Signed<Prepare>, MAX_REPLICAS>, Reject> {
    let total = count(bytes, at, MAX_REPLICAS)?;
    let mut items = Vec::new();
    let mut i = 0;
    while i < total {
        items.push(signed_prepare(bytes, at)?);
        i += 1;
    }
    listed(items)
}

fn commit(bytes: &[u8], at: &mut usize) -> Result<Commit, Reject> {
    let view = view(bytes, at)?;
    let seq = seq(bytes, at)?;
    let digest = digest(bytes, at)?;
    Ok(Commit { view, seq, digest })
}

fn signed_commit(bytes: &[u8], at: &mut usize) -> Result<Signed<Commit>, Reject> {
    let signer = replica(bytes, at)?;
    let body = commit(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn commits(bytes: &[u8], at: &mut usize) -> Result<List<Signed<Commit>, MAX_REPLICAS>, Reject> {
    let total = count(bytes, at, MAX_REPLICAS)?;
    let mut items = Vec::new();
    let mut i = 0;
    while i < total {
        items.push(signed_commit(bytes, at)?);
        i += 1;
    }
    listed(items)
}

fn pre_prepare_conflict(bytes: &[u8], at: &mut usize) -> Result<PrePrepareConflict, Reject> {
    let first = signed_pre_prepare(bytes, at)?;
    let second = signed_pre_prepare(bytes, at)?;
    Ok(PrePrepareConflict { first, second })
}

fn signed_pre_prepare_conflict(
    bytes: &[u8],
    at: &mut usize,
) -> Result<Signed<PrePrepareConflict>, Reject> {
    let signer = replica(bytes, at)?;
    let body = pre_prepare_conflict(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn ordered_certificate(bytes: &[u8], at: &mut usize) -> Result<OrderedCertificate, Reject> {
    let pre_prepare = signed_pre_prepare(bytes, at)?;
    let commits = commits(bytes, at)?;
    Ok(OrderedCertificate { pre_prepare, commits })
}

fn signed_ordered_certificate(
    bytes: &[u8],
    at: &mut usize,
) -> Result<Signed<OrderedCertificate>, Reject> {
    let signer = replica(bytes, at)?;
    let body = ordered_certificate(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

// ---- reconciliation and catching up

fn recon(bytes: &[u8], at: &mut usize) -> Result<Recon, Reject> {
    let originator = replica(bytes, at)?;
    let seq = po_seq(bytes, at)?;
    let request = digest(bytes, at)?;
    let root = digest(bytes, at)?;
    let length = word(bytes, at)?;
    let part = blob::<MAX_PART>(bytes, at)?;
    let path = path(bytes, at)?;
    Ok(Recon { originator, seq, digest: request, root, length, part, path })
}

fn signed_recon(bytes: &[u8], at: &mut usize) -> Result<Signed<Recon>, Reject> {
    let signer = replica(bytes, at)?;
    let body = recon(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn recon_request(bytes: &[u8], at: &mut usize) -> Result<ReconRequest, Reject> {
    let originator = replica(bytes, at)?;
    let seq = po_seq(bytes, at)?;
    Ok(ReconRequest { originator, seq })
}

fn signed_recon_request(bytes: &[u8], at: &mut usize) -> Result<Signed<ReconRequest>, Reject> {
    let signer = replica(bytes, at)?;
    let body = recon_request(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn catch_up_request(bytes: &[u8], at: &mut usize) -> Result<CatchUpRequest, Reject> {
    let preinstalled = view(bytes, at)?;
    let installed = view(bytes, at)?;
    let ordered = seq(bytes, at)?;
    let executed = seq(bytes, at)?;
    Ok(CatchUpRequest { view: preinstalled, installed, ordered, executed })
}

fn signed_catch_up_request(bytes: &[u8], at: &mut usize) -> Result<Signed<CatchUpRequest>, Reject> {
    let signer = replica(bytes, at)?;
    let body = catch_up_request(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

// ---- leader monitoring

fn rtt_ping(bytes: &[u8], at: &mut usize) -> Result<RttPing, Reject> {
    let view = view(bytes, at)?;
    let seq = long(bytes, at)?;
    Ok(RttPing { view, seq })
}

fn signed_rtt_ping(bytes: &[u8], at: &mut usize) -> Result<Signed<RttPing>, Reject> {
    let signer = replica(bytes, at)?;
    let body = rtt_ping(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn rtt_pong(bytes: &[u8], at: &mut usize) -> Result<RttPong, Reject> {
    let view = view(bytes, at)?;
    let pinger = replica(bytes, at)?;
    let seq = long(bytes, at)?;
    Ok(RttPong { view, pinger, seq })
}

fn signed_rtt_pong(bytes: &[u8], at: &mut usize) -> Result<Signed<RttPong>, Reject> {
    let signer = replica(bytes, at)?;
    let body = rtt_pong(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn rtt_measure(bytes: &[u8], at: &mut usize) -> Result<RttMeasure, Reject> {
    let view = view(bytes, at)?;
    let to = replica(bytes, at)?;
    let rtt = long(bytes, at)?;
    Ok(RttMeasure { view, to, rtt })
}

fn signed_rtt_measure(bytes: &[u8], at: &mut usize) -> Result<Signed<RttMeasure>, Reject> {
    let signer = replica(bytes, at)?;
    let body = rtt_measure(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn tat_ub(bytes: &[u8], at: &mut usize) -> Result<TatUb, Reject> {
    let view = view(bytes, at)?;
    let alpha = long(bytes, at)?;
    Ok(TatUb { view, alpha })
}

fn signed_tat_ub(bytes: &[u8], at: &mut usize) -> Result<Signed<TatUb>, Reject> {
    let signer = replica(bytes, at)?;
    let body = tat_ub(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn tat_measure(bytes: &[u8], at: &mut usize) -> Result<TatMeasure, Reject> {
    let view = view(bytes, at)?;
    let tat = long(bytes, at)?;
    Ok(TatMeasure { view, tat })
}

fn signed_tat_measure(bytes: &[u8], at: &mut usize) -> Result<Signed<TatMeasure>, Reject> {
    let signer = replica(bytes, at)?;
    let body = tat_measure(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn new_leader(bytes: &[u8], at: &mut usize) -> Result<NewLeader, Reject> {
    let view = view(bytes, at)?;
    Ok(NewLeader { view })
}

fn signed_new_leader(bytes: &[u8], at: &mut usize) -> Result<Signed<NewLeader>, Reject> {
    let signer = replica(bytes, at)?;
    let body = new_leader(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn new_leader_proof(bytes: &[u8], at: &mut usize) -> Result<NewLeaderProof, Reject> {
    let total = count(bytes, at, MAX_REPLICAS)?;
    let mut items = Vec::new();
    let mut i = 0;
    while i < total {
        items.push(signed_new_leader(bytes, at)?);
        i += 1;
    }
    let votes = listed(items)?;
    Ok(NewLeaderProof { votes })
}

fn signed_new_leader_proof(bytes: &[u8], at: &mut usize) -> Result<Signed<NewLeaderProof>, Reject> {
    let signer = replica(bytes, at)?;
    let body = new_leader_proof(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

// ---- view change: broadcasts

fn replay_certificate(bytes: &[u8], at: &mut usize) -> Result<ReplayCertificate, Reject> {
    let replay = signed_replay(bytes, at)?;
    let total = count(bytes, at, MAX_REPLICAS)?;
    let mut items = Vec::new();
    let mut i = 0;
    while i < total {
        items.push(signed_replay_prepare(bytes, at)?);
        i += 1;
    }
    let prepares = listed(items)?;
    Ok(ReplayCertificate { replay, prepares })
}

fn report(bytes: &[u8], at: &mut usize) -> Result<Report, Reject> {
    let executed = seq(bytes, at)?;
    let entries = word(bytes, at)?;
    let mut replay = None;
    if presence(bytes, at)? {
        replay = Some(replay_certificate(bytes, at)?);
    }
    Ok(Report { executed, count: entries, replay })
}

fn certificate(bytes: &[u8], at: &mut usize) -> Result<Certificate, Reject> {
    let tag = byte(bytes, at)?;
    if tag > 1 {
        return Err(Reject::Malformed);
    }
    let proposal = signed_pre_prepare(bytes, at)?;
    if tag == 0 {
        return Ok(Certificate::Prepared(proposal, prepares(bytes, at)?));
    }
    Ok(Certificate::Committed(proposal, commits(bytes, at)?))
}

fn payload(bytes: &[u8], at: &mut usize) -> Result<Payload, Reject> {
    let tag = byte(bytes, at)?;
    if tag > 1 {
        return Err(Reject::Malformed);
    }
    if tag == 0 {
        return Ok(Payload::Report(report(bytes, at)?));
    }
    Ok(Payload::Entry(certificate(bytes, at)?))
}

fn rb_init(bytes: &[u8], at: &mut usize) -> Result<RbInit, Reject> {
    let view = view(bytes, at)?;
    let seq = word(bytes, at)?;
    let payload = payload(bytes, at)?;
    Ok(RbInit { view, seq, payload })
}

fn signed_rb_init(bytes: &[u8], at: &mut usize) -> Result<Signed<RbInit>, Reject> {
    let signer = replica(bytes, at)?;
    let body = rb_init(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn rb_echo(bytes: &[u8], at: &mut usize) -> Result<RbEcho, Reject> {
    let originator = replica(bytes, at)?;
    let view = view(bytes, at)?;
    let seq = word(bytes, at)?;
    let digest = digest(bytes, at)?;
    Ok(RbEcho { originator, view, seq, digest })
}

fn signed_rb_echo(bytes: &[u8], at: &mut usize) -> Result<Signed<RbEcho>, Reject> {
    let signer = replica(bytes, at)?;
    let body = rb_echo(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn rb_ready(bytes: &[u8], at: &mut usize) -> Result<RbReady, Reject> {
    let originator = replica(bytes, at)?;
    let view = view(bytes, at)?;
    let seq = word(bytes, at)?;
    let digest = digest(bytes, at)?;
    Ok(RbReady { originator, view, seq, digest })
}

fn signed_rb_ready(bytes: &[u8], at: &mut usize) -> Result<Signed<RbReady>, Reject> {
    let signer = replica(bytes, at)?;
    let body = rb_ready(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn rb_request(bytes: &[u8], at: &mut usize) -> Result<RbRequest, Reject> {
    let originator = replica(bytes, at)?;
    let view = view(bytes, at)?;
    let seq = word(bytes, at)?;
    let digest = digest(bytes, at)?;
    Ok(RbRequest { originator, view, seq, digest })
}

fn signed_rb_request(bytes: &[u8], at: &mut usize) -> Result<Signed<RbRequest>, Reject> {
    let signer = replica(bytes, at)?;
    let body = rb_request(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

// ---- view change: lists, constraints, Replays

fn ids(bytes: &[u8], at: &mut usize) -> Result<Ids, Reject> {
    let total = count(bytes, at, MAX_REPLICAS)?;
    let mut items = Vec::new();
    let mut i = 0;
    while i < total {
        items.push(replica(bytes, at)?);
        i += 1;
    }
    listed(items)
}

fn vc_list(bytes: &[u8], at: &mut usize) -> Result<VcList, Reject> {
    let view = view(bytes, at)?;
    let ids = ids(bytes, at)?;
    Ok(VcList { view, ids })
}

fn signed_vc_list(bytes: &[u8], at: &mut usize) -> Result<Signed<VcList>, Reject> {
    let signer = replica(bytes, at)?;
    let body = vc_list(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn constraint(bytes: &[u8], at: &mut usize) -> Result<Constraint, Reject> {
    let view = view(bytes, at)?;
    let ids = ids(bytes, at)?;
    let base = seq(bytes, at)?;
    let start_seq = seq(bytes, at)?;
    let resolution = digest(bytes, at)?;
    Ok(Constraint { view, ids, base, start_seq, resolution })
}

fn vc_partial_sig(bytes: &[u8], at: &mut usize) -> Result<VcPartialSig, Reject> {
    let constraint = constraint(bytes, at)?;
    Ok(VcPartialSig { constraint })
}

fn signed_vc_partial_sig(bytes: &[u8], at: &mut usize) -> Result<Signed<VcPartialSig>, Reject> {
    let signer = replica(bytes, at)?;
    let body = vc_partial_sig(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn partials(bytes: &[u8], at: &mut usize) -> Result<Partials, Reject> {
    let total = count(bytes, at, MAX_REPLICAS)?;
    let mut items = Vec::new();
    let mut i = 0;
    while i < total {
        items.push(signed_vc_partial_sig(bytes, at)?);
        i += 1;
    }
    listed(items)
}

fn vc_proof(bytes: &[u8], at: &mut usize) -> Result<VcProof, Reject> {
    let constraint = constraint(bytes, at)?;
    let partials = partials(bytes, at)?;
    Ok(VcProof { constraint, partials })
}

fn signed_vc_proof(bytes: &[u8], at: &mut usize) -> Result<Signed<VcProof>, Reject> {
    let signer = replica(bytes, at)?;
    let body = vc_proof(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn replay(bytes: &[u8], at: &mut usize) -> Result<Replay, Reject> {
    let constraint = constraint(bytes, at)?;
    let partials = partials(bytes, at)?;
    Ok(Replay { constraint, partials })
}

fn signed_replay(bytes: &[u8], at: &mut usize) -> Result<Signed<Replay>, Reject> {
    let signer = replica(bytes, at)?;
    let body = replay(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn replay_prepare(bytes: &[u8], at: &mut usize) -> Result<ReplayPrepare, Reject> {
    let view = view(bytes, at)?;
    let digest = digest(bytes, at)?;
    Ok(ReplayPrepare { view, digest })
}

fn signed_replay_prepare(bytes: &[u8], at: &mut usize) -> Result<Signed<ReplayPrepare>, Reject> {
    let signer = replica(bytes, at)?;
    let body = replay_prepare(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn replay_commit(bytes: &[u8], at: &mut usize) -> Result<ReplayCommit, Reject> {
    let view = view(bytes, at)?;
    let digest = digest(bytes, at)?;
    Ok(ReplayCommit { view, digest })
}

fn signed_replay_commit(bytes: &[u8], at: &mut usize) -> Result<Signed<ReplayCommit>, Reject> {
    let signer = replica(bytes, at)?;
    let body = replay_commit(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn replay_conflict(bytes: &[u8], at: &mut usize) -> Result<ReplayConflict, Reject> {
    let first = signed_replay(bytes, at)?;
    let second = signed_replay(bytes, at)?;
    Ok(ReplayConflict { first, second })
}

fn signed_replay_conflict(bytes: &[u8], at: &mut usize) -> Result<Signed<ReplayConflict>, Reject> {
    let signer = replica(bytes, at)?;
    let body = replay_conflict(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

// ---- view change: resolutions

fn bound(bytes: &[u8], at: &mut usize) -> Result<Bound, Reject> {
    let view = view(bytes, at)?;
    let digest = digest(bytes, at)?;
    Ok(Bound { view, digest })
}

fn resolution(bytes: &[u8], at: &mut usize) -> Result<Resolution, Reject> {
    let base = seq(bytes, at)?;
    let total = count(bytes, at, MAX_REPLAY)?;
    let mut items = Vec::new();
    let mut i = 0;
    while i < total {
        if presence(bytes, at)? {
            items.push(Some(bound(bytes, at)?));
        } else {
            items.push(None);
        }
        i += 1;
    }
    let entries = listed(items)?;
    Ok(Resolution { base, entries })
}

fn install_certificate(bytes: &[u8], at: &mut usize) -> Result<InstallCertificate, Reject> {
    let replay = signed_replay(bytes, at)?;
    let total = count(bytes, at, MAX_REPLICAS)?;
    let mut items = Vec::new();
    let mut i = 0;
    while i < total {
        items.push(signed_replay_commit(bytes, at)?);
        i += 1;
    }
    let commits = listed(items)?;
    let resolution = resolution(bytes, at)?;
    Ok(InstallCertificate { replay, commits, resolution })
}

fn signed_install_certificate(
    bytes: &[u8],
    at: &mut usize,
) -> Result<Signed<InstallCertificate>, Reject> {
    let signer = replica(bytes, at)?;
    let body = install_certificate(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn resolution_request(bytes: &[u8], at: &mut usize) -> Result<ResolutionRequest, Reject> {
    let digest = digest(bytes, at)?;
    Ok(ResolutionRequest { digest })
}

fn signed_resolution_request(
    bytes: &[u8],
    at: &mut usize,
) -> Result<Signed<ResolutionRequest>, Reject> {
    let signer = replica(bytes, at)?;
    let body = resolution_request(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn resolution_answer(bytes: &[u8], at: &mut usize) -> Result<ResolutionAnswer, Reject> {
    let resolution = resolution(bytes, at)?;
    Ok(ResolutionAnswer { resolution })
}

fn signed_resolution_answer(
    bytes: &[u8],
    at: &mut usize,
) -> Result<Signed<ResolutionAnswer>, Reject> {
    let signer = replica(bytes, at)?;
    let body = resolution_answer(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn proposal_request(bytes: &[u8], at: &mut usize) -> Result<ProposalRequest, Reject> {
    let seq = seq(bytes, at)?;
    let bound = bound(bytes, at)?;
    Ok(ProposalRequest { seq, bound })
}

fn signed_proposal_request(
    bytes: &[u8],
    at: &mut usize,
) -> Result<Signed<ProposalRequest>, Reject> {
    let signer = replica(bytes, at)?;
    let body = proposal_request(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

// ---- checkpoints and state transfer

fn state_id(bytes: &[u8], at: &mut usize) -> Result<StateId, Reject> {
    let seq = seq(bytes, at)?;
    let root = digest(bytes, at)?;
    let length = long(bytes, at)?;
    Ok(StateId { seq, root, length })
}

fn checkpoint(bytes: &[u8], at: &mut usize) -> Result<Checkpoint, Reject> {
    let state = state_id(bytes, at)?;
    Ok(Checkpoint { state })
}

fn signed_checkpoint(bytes: &[u8], at: &mut usize) -> Result<Signed<Checkpoint>, Reject> {
    let signer = replica(bytes, at)?;
    let body = checkpoint(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn checkpoint_proof(bytes: &[u8], at: &mut usize) -> Result<CheckpointProof, Reject> {
    let total = count(bytes, at, MAX_REPLICAS)?;
    let mut items = Vec::new();
    let mut i = 0;
    while i < total {
        items.push(signed_checkpoint(bytes, at)?);
        i += 1;
    }
    let checkpoints = listed(items)?;
    let preceding = matrix(bytes, at)?;
    Ok(CheckpointProof { checkpoints, preceding })
}

fn signed_checkpoint_proof(
    bytes: &[u8],
    at: &mut usize,
) -> Result<Signed<CheckpointProof>, Reject> {
    let signer = replica(bytes, at)?;
    let body = checkpoint_proof(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn state_request(bytes: &[u8], at: &mut usize) -> Result<StateRequest, Reject> {
    let state = state_id(bytes, at)?;
    let index = word(bytes, at)?;
    Ok(StateRequest { state, index })
}

fn signed_state_request(bytes: &[u8], at: &mut usize) -> Result<Signed<StateRequest>, Reject> {
    let signer = replica(bytes, at)?;
    let body = state_request(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}

fn state_chunk(bytes: &[u8], at: &mut usize) -> Result<StateChunk, Reject> {
    let state = state_id(bytes, at)?;
    let index = word(bytes, at)?;
    let chunk = blob::<CHUNK>(bytes, at)?;
    let path = path(bytes, at)?;
    Ok(StateChunk { state, index, bytes: chunk, path })
}

fn signed_state_chunk(bytes: &[u8], at: &mut usize) -> Result<Signed<StateChunk>, Reject> {
    let signer = replica(bytes, at)?;
    let body = state_chunk(bytes, at)?;
    let auth = auth(bytes, at)?;
    Ok(Signed { signer, body, auth })
}
