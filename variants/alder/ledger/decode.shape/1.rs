//! What every message of a correct server has in common: one function for each kind of message,
//! one check a line, every list walked by an index.

use wire::merkle::MAX_DEPTH;
use wire::prime::{
    CHUNK, CatchUpRequest, Certificate, Checkpoint, CheckpointProof, Commit, Constraint, Ids,
    InstallCertificate, MAX_BATCH_BYTES, MAX_REPLAY, Matrix, Message, NewLeader, NewLeaderProof,
    OrderedCertificate, Partials, Payload, PoAcks, PoAru, PoAruConflict, PoRequest,
    PoRequestConflict, PrePrepare, PrePrepareConflict, Prepare, ProofMatrix, ProposalRequest,
    RbEcho, RbInit, RbReady, RbRequest, Recon, ReconRequest, Replay, ReplayCertificate,
    ReplayCommit, ReplayConflict, ReplayPrepare, Report, ResolutionAnswer, ResolutionRequest,
    RttMeasure, RttPing, RttPong, StateChunk, StateId, StateRequest, TatMeasure, TatUb, VcList,
    VcPartialSig, VcProof,
};
use wire::{Config, Reject, ReplicaId, Signed, View};

/// Refuses a decoded message whose shape no correct server of this cluster would send.
///
/// # Errors
///
/// Rejects: `Malformed` unless all of these hold:
/// - every replica that is named (signer of the message or of one inside it, originator, pinger,
///   addressee, member of a list) is one of `1..=n`; numbers of PO-Requests, acknowledgements,
///   Pre-Prepares, votes, proposals asked for, pings and checkpointed states are above 0;
/// - a PO-Request has an update and at most `MAX_BATCH_BYTES` bytes of payload in all, a PO-Ack
///   message has an acknowledgement;
/// - a PO-ARU has N entries; a matrix has N rows, and row i is null or signed by server i with N
///   entries;
/// - whatever stands in a proof or certificate (Commits, Prepares, New-Leader votes, partial
///   signatures, Replay-Prepares, Replay-Commits, Checkpoints) ascends strictly by signer;
/// - New-Leader votes (alone or in a proof), broadcasts and the votes on them, lists, constraints,
///   Replay-Prepares and Replay-Commits are of a view above 0; the votes of a New-Leader-Proof
///   are not empty and all for one view;
/// - nobody answers his own ping or measures the way to himself;
/// - a catch-up request has `installed <= view` and `executed <= ordered`;
/// - a broadcast 0 carries a Report with `count` at most `MAX_REPLAY`, every other one an entry,
///   and no broadcast's number (in Init, Echo, Ready or request) is above `MAX_REPLAY`;
/// - a list (in VC-List and in every constraint) has exactly Q members, strictly ascending; a
///   constraint has `base < start_seq` and at most `MAX_REPLAY` numbers between the two;
/// - the partial signatures in a VC-Proof or Replay are all for that message's constraint;
/// - a state is at most `CHUNK << MAX_DEPTH` bytes long; a chunk's index is below
///   `StateId::chunks`; each chunk but the last has `CHUNK` bytes and the last the rest; the
///   Checkpoints of a proof are not empty and all for one state.
///
/// Invariant: what passes cannot make any handler index out of bounds.
/// Paper: none. Deviation: none.
pub fn shape(config: &Config, message: &Message) -> Result<(), Reject> {
    match message {
        Message::PoRequest(signed) => po_request(config, signed),
        Message::PoAcks(signed) => po_acks(config, signed),
        Message::PoAru(signed) => po_aru(config, signed),
        Message::PoRequestConflict(signed) => po_request_conflict(config, signed),
        Message::PoAruConflict(signed) => po_aru_conflict(config, signed),
        Message::ProofMatrix(signed) => proof_matrix(config, signed),
        Message::PrePrepare(signed) => pre_prepare(config, signed),
        Message::Prepare(signed) => prepare(config, signed),
        Message::Commit(signed) => commit(config, signed),
        Message::PrePrepareConflict(signed) => pre_prepare_conflict(config, signed),
        Message::Recon(signed) => recon(config, signed),
        Message::ReconRequest(signed) => recon_request(config, signed),
        Message::CatchUpRequest(signed) => catch_up_request(config, signed),
        Message::OrderedCertificate(signed) => ordered_certificate(config, signed),
        Message::RttPing(signed) => rtt_ping(config, signed),
        Message::RttPong(signed) => rtt_pong(config, signed),
        Message::RttMeasure(signed) => rtt_measure(config, signed),
        Message::TatUb(signed) => tat_ub(config, signed),
        Message::TatMeasure(signed) => tat_measure(config, signed),
        Message::NewLeader(signed) => new_leader(config, signed),
        Message::NewLeaderProof(signed) => new_leader_proof(config, signed),
        Message::RbInit(signed) => rb_init(config, signed),
        Message::RbEcho(signed) => rb_echo(config, signed),
        Message::RbReady(signed) => rb_ready(config, signed),
        Message::RbRequest(signed) => rb_request(config, signed),
        Message::VcList(signed) => vc_list(config, signed),
        Message::VcPartialSig(signed) => vc_partial_sig(config, signed),
        Message::VcProof(signed) => vc_proof(config, signed),
        Message::Replay(signed) => replay(config, signed),
        Message::ReplayPrepare(signed) => replay_prepare(config, signed),
        Message::ReplayCommit(signed) => replay_commit(config, signed),
        Message::ReplayConflict(signed) => replay_conflict(config, signed),
        Message::InstallCertificate(signed) => install_certificate(config, signed),
        Message::ResolutionRequest(signed) => resolution_request(config, signed),
        Message::ResolutionAnswer(signed) => resolution_answer(config, signed),
        Message::ProposalRequest(signed) => proposal_request(config, signed),
        Message::Checkpoint(signed) => checkpoint(config, signed),
        Message::CheckpointProof(signed) => checkpoint_proof(config, signed),
        Message::StateRequest(signed) => state_request(config, signed),
        Message::StateChunk(signed) => state_chunk(config, signed),
    }
}

// ---- checks that several kinds share

/// The one way out for whatever does not hold.
fn must(holds: bool) -> Result<(), Reject> {
    if holds {
        return Ok(());
    }
    Err(Reject::Malformed)
}

/// One of the cluster's servers, `1..=n`.
fn named(config: &Config, id: ReplicaId) -> Result<(), Reject> {
    must(id.0 >= 1)?;
    must(id.0 <= config.n)
}

/// A number that counts from 1.
fn counted(number: u64) -> Result<(), Reject> {
    must(number > 0)
}

/// A view to which some view change led.
fn changed(view: View) -> Result<(), Reject> {
    must(view.0 > 0)
}

/// Holds the signer of an item against the one before, `last` being 0 before the first, and
/// becomes the `last` of the next.
fn ascending(last: &mut u16, signer: ReplicaId) -> Result<(), Reject> {
    must(signer.0 > *last)?;
    *last = signer.0;
    Ok(())
}

/// The number of a broadcast, whoever names it.
fn broadcast(seq: u32) -> Result<(), Reject> {
    must(u64::from(seq) <= MAX_REPLAY as u64)
}

/// N rows, row i null or a PO-ARU of server i.
fn matrix(config: &Config, matrix: &Matrix) -> Result<(), Reject> {
    must(matrix.rows.len() == config.size())?;
    let mut i = 0;
    while i < matrix.rows.len() {
        if let Some(row) = &matrix.rows[i] {
            must(usize::from(row.signer.0) == i + 1)?;
            po_aru(config, row)?;
        }
        i += 1;
    }
    Ok(())
}

/// Exactly Q servers, strictly ascending.
fn ids(config: &Config, ids: &Ids) -> Result<(), Reject> {
    must(ids.len() == config.quorum())?;
    let mut last = 0;
    let mut i = 0;
    while i < ids.len() {
        named(config, ids[i])?;
        ascending(&mut last, ids[i])?;
        i += 1;
    }
    Ok(())
}

fn constraint(config: &Config, constraint: &Constraint) -> Result<(), Reject> {
    changed(constraint.view)?;
    ids(config, &constraint.ids)?;
    must(constraint.base < constraint.start_seq)?;
    must(constraint.start_seq.0 - constraint.base.0 - 1 <= MAX_REPLAY as u64)
}

/// Partial signatures, ascending, each for the constraint that was checked before.
fn partials(config: &Config, about: &Constraint, partials: &Partials) -> Result<(), Reject> {
    let mut last = 0;
    let mut i = 0;
    while i < partials.len() {
        named(config, partials[i].signer)?;
        ascending(&mut last, partials[i].signer)?;
        must(partials[i].body.constraint == *about)?;
        i += 1;
    }
    Ok(())
}

fn state_id(state: &StateId) -> Result<(), Reject> {
    counted(state.seq.0)?;
    must(state.length <= (CHUNK as u64) << MAX_DEPTH)
}

// ---- pre-ordering

fn po_request(config: &Config, signed: &Signed<PoRequest>) -> Result<(), Reject> {
    let body = &signed.body;
    named(config, signed.signer)?;
    counted(body.seq.0)?;
    must(!body.updates.is_empty())?;
    let mut total = 0;
    let mut i = 0;
    while i < body.updates.len() {
        total += body.updates[i].body.payload.len();
        must(total <= MAX_BATCH_BYTES)?;
        i += 1;
    }
    Ok(())
}

fn po_acks(config: &Config, signed: &Signed<PoAcks>) -> Result<(), Reject> {
    let acks = &signed.body.acks;
    named(config, signed.signer)?;
    must(!acks.is_empty())?;
    let mut i = 0;
    while i < acks.len() {
        named(config, acks[i].originator)?;
        counted(acks[i].seq.0)?;
        i += 1;
    }
    Ok(())
}

fn po_aru(config: &Config, signed: &Signed<PoAru>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    must(signed.body.vec.len() == config.size())
}

fn po_request_conflict(config: &Config, signed: &Signed<PoRequestConflict>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    po_request(config, &signed.body.first)?;
    po_request(config, &signed.body.second)
}

fn po_aru_conflict(config: &Config, signed: &Signed<PoAruConflict>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    po_aru(config, &signed.body.first)?;
    po_aru(config, &signed.body.second)
}

fn proof_matrix(config: &Config, signed: &Signed<ProofMatrix>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    matrix(config, &signed.body.matrix)
}

// ---- ordering

fn pre_prepare(config: &Config, signed: &Signed<PrePrepare>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    counted(signed.body.seq.0)?;
    matrix(config, &signed.body.matrix)
}

fn prepare(config: &Config, signed: &Signed<Prepare>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    counted(signed.body.seq.0)
}

fn commit(config: &Config, signed: &Signed<Commit>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    counted(signed.body.seq.0)
}

/// The Prepares of a certificate.
fn prepares(config: &Config, votes: &[Signed<Prepare>]) -> Result<(), Reject> {
    let mut last = 0;
    let mut i = 0;
    while i < votes.len() {
        prepare(config, &votes[i])?;
        ascending(&mut last, votes[i].signer)?;
        i += 1;
    }
    Ok(())
}

/// The Commits of a certificate.
fn commits(config: &Config, votes: &[Signed<Commit>]) -> Result<(), Reject> {
    let mut last = 0;
    let mut i = 0;
    while i < votes.len() {
        commit(config, &votes[i])?;
        ascending(&mut last, votes[i].signer)?;
        i += 1;
    }
    Ok(())
}

fn pre_prepare_conflict(
    config: &Config,
    signed: &Signed<PrePrepareConflict>,
) -> Result<(), Reject> {
    named(config, signed.signer)?;
    pre_prepare(config, &signed.body.first)?;
    pre_prepare(config, &signed.body.second)
}

fn ordered_certificate(config: &Config, signed: &Signed<OrderedCertificate>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    pre_prepare(config, &signed.body.pre_prepare)?;
    commits(config, &signed.body.commits)
}

// ---- reconciliation and catching up

fn recon(config: &Config, signed: &Signed<Recon>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    named(config, signed.body.originator)?;
    counted(signed.body.seq.0)
}

fn recon_request(config: &Config, signed: &Signed<ReconRequest>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    named(config, signed.body.originator)?;
    counted(signed.body.seq.0)
}

fn catch_up_request(config: &Config, signed: &Signed<CatchUpRequest>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    must(signed.body.installed <= signed.body.view)?;
    must(signed.body.executed <= signed.body.ordered)
}

// ---- leader monitoring

fn rtt_ping(config: &Config, signed: &Signed<RttPing>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    counted(signed.body.seq)
}

fn rtt_pong(config: &Config, signed: &Signed<RttPong>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    named(config, signed.body.pinger)?;
    must(signed.body.pinger != signed.signer)?;
    counted(signed.body.seq)
}

fn rtt_measure(config: &Config, signed: &Signed<RttMeasure>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    named(config, signed.body.to)?;
    must(signed.body.to != signed.signer)
}

fn tat_ub(config: &Config, signed: &Signed<TatUb>) -> Result<(), Reject> {
    named(config, signed.signer)
}

fn tat_measure(config: &Config, signed: &Signed<TatMeasure>) -> Result<(), Reject> {
    named(config, signed.signer)
}

fn new_leader(config: &Config, signed: &Signed<NewLeader>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    changed(signed.body.view)
}

fn new_leader_proof(config: &Config, signed: &Signed<NewLeaderProof>) -> Result<(), Reject> {
    let votes = &signed.body.votes;
    named(config, signed.signer)?;
    must(!votes.is_empty())?;
    let mut last = 0;
    let mut i = 0;
    while i < votes.len() {
        new_leader(config, &votes[i])?;
        ascending(&mut last, votes[i].signer)?;
        must(votes[i].body.view == votes[0].body.view)?;
        i += 1;
    }
    Ok(())
}

// ---- view change: broadcasts

fn replay_certificate(config: &Config, certificate: &ReplayCertificate) -> Result<(), Reject> {
    let prepares = &certificate.prepares;
    replay(config, &certificate.replay)?;
    let mut last = 0;
    let mut i = 0;
    while i < prepares.len() {
        replay_prepare(config, &prepares[i])?;
        ascending(&mut last, prepares[i].signer)?;
        i += 1;
    }
    Ok(())
}

fn report(config: &Config, report: &Report) -> Result<(), Reject> {
    must(u64::from(report.count) <= MAX_REPLAY as u64)?;
    if let Some(certificate) = &report.replay {
        replay_certificate(config, certificate)?;
    }
    Ok(())
}

fn entry(config: &Config, certificate: &Certificate) -> Result<(), Reject> {
    match certificate {
        Certificate::Prepared(proposal, votes) => {
            pre_prepare(config, proposal)?;
            prepares(config, votes)
        }
        Certificate::Committed(proposal, votes) => {
            pre_prepare(config, proposal)?;
            commits(config, votes)
        }
    }
}

fn rb_init(config: &Config, signed: &Signed<RbInit>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    changed(signed.body.view)?;
    broadcast(signed.body.seq)?;
    match &signed.body.payload {
        Payload::Report(content) => {
            must(signed.body.seq == 0)?;
            report(config, content)
        }
        Payload::Entry(content) => {
            must(signed.body.seq != 0)?;
            entry(config, content)
        }
    }
}

fn rb_echo(config: &Config, signed: &Signed<RbEcho>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    named(config, signed.body.originator)?;
    changed(signed.body.view)?;
    broadcast(signed.body.seq)
}

fn rb_ready(config: &Config, signed: &Signed<RbReady>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    named(config, signed.body.originator)?;
    changed(signed.body.view)?;
    broadcast(signed.body.seq)
}

fn rb_request(config: &Config, signed: &Signed<RbRequest>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    named(config, signed.body.originator)?;
    changed(signed.body.view)?;
    broadcast(signed.body.seq)
}

// ---- view change: lists, constraints, Replays

fn vc_list(config: &Config, signed: &Signed<VcList>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    changed(signed.body.view)?;
    ids(config, &signed.body.ids)
}

fn vc_partial_sig(config: &Config, signed: &Signed<VcPartialSig>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    constraint(config, &signed.body.constraint)
}

fn vc_proof(config: &Config, signed: &Signed<VcProof>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    constraint(config, &signed.body.constraint)?;
    partials(config, &signed.body.constraint, &signed.body.partials)
}

fn replay(config: &Config, signed: &Signed<Replay>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    constraint(config, &signed.body.constraint)?;
    partials(config, &signed.body.constraint, &signed.body.partials)
}

fn replay_prepare(config: &Config, signed: &Signed<ReplayPrepare>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    changed(signed.body.view)
}

fn replay_commit(config: &Config, signed: &Signed<ReplayCommit>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    changed(signed.body.view)
}

fn replay_conflict(config: &Config, signed: &Signed<ReplayConflict>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    replay(config, &signed.body.first)?;
    replay(config, &signed.body.second)
}

fn install_certificate(config: &Config, signed: &Signed<InstallCertificate>) -> Result<(), Reject> {
    let commits = &signed.body.commits;
    named(config, signed.signer)?;
    replay(config, &signed.body.replay)?;
    let mut last = 0;
    let mut i = 0;
    while i < commits.len() {
        replay_commit(config, &commits[i])?;
        ascending(&mut last, commits[i].signer)?;
        i += 1;
    }
    Ok(())
}

fn resolution_request(config: &Config, signed: &Signed<ResolutionRequest>) -> Result<(), Reject> {
    named(config, signed.signer)
}

fn resolution_answer(config: &Config, signed: &Signed<ResolutionAnswer>) -> Result<(), Reject> {
    named(config, signed.signer)
}

fn proposal_request(config: &Config, signed: &Signed<ProposalRequest>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    counted(signed.body.seq.0)
}

// ---- checkpoints and state transfer

fn checkpoint(config: &Config, signed: &Signed<Checkpoint>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    state_id(&signed.body.state)
}

fn checkpoint_proof(config: &Config, signed: &Signed<CheckpointProof>) -> Result<(), Reject> {
    let checkpoints = &signed.body.checkpoints;
    named(config, signed.signer)?;
    must(!checkpoints.is_empty())?;
    let mut last = 0;
    let mut i = 0;
    while i < checkpoints.len() {
        checkpoint(config, &checkpoints[i])?;
        ascending(&mut last, checkpoints[i].signer)?;
        must(checkpoints[i].body.state == checkpoints[0].body.state)?;
        i += 1;
    }
    matrix(config, &signed.body.preceding)
}

fn state_request(config: &Config, signed: &Signed<StateRequest>) -> Result<(), Reject> {
    named(config, signed.signer)?;
    state_id(&signed.body.state)?;
    must(u64::from(signed.body.index) < signed.body.state.chunks())
}

fn state_chunk(config: &Config, signed: &Signed<StateChunk>) -> Result<(), Reject> {
    let body = &signed.body;
    named(config, signed.signer)?;
    state_id(&body.state)?;
    must(u64::from(body.index) < body.state.chunks())?;
    let whole = CHUNK as u64;
    let before = u64::from(body.index) * whole;
    if u64::from(body.index) + 1 < body.state.chunks() {
        return must(body.bytes.len() as u64 == whole);
    }
    must(body.bytes.len() as u64 == body.state.length - before)
}
