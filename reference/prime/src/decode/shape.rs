//! What every message of a correct server has in common.

use slots::slot;
use wire::prime::{
    CHUNK, Certificate, Constraint, MAX_BATCH_BYTES, MAX_REPLAY, Matrix, Message, Payload,
    PoRequest, PrePrepare, Proof, RbInit, Replay, ReplayCertificate, StateId,
};
use wire::{Config, PoSeq, Proofs, Reject, ReplicaId, Seq, Signed, View, merkle};

/// Refuses a decoded message whose shape no correct server of this cluster would send.
///
/// # Errors
///
/// Rejects: `Malformed` unless all of these hold, of the message and of every message inside it
/// (whichever of several faults is met first, and wherever it stands):
/// - every replica that is named (signer of the message or of one inside it, originator, pinger,
///   addressee, member of a list) is one of `1..=n`; numbers of PO-Requests, acknowledgements,
///   Pre-Prepares, votes, proposals asked for, pings and checkpointed states are above 0;
/// - a PO-Request has an update and at most `MAX_BATCH_BYTES` bytes of payload in all, a PO-Ack
///   message has an acknowledgement;
/// - a PO-ARU has N entries; a matrix has N rows, and row i is null or signed by server i with N
///   entries;
/// - whatever stands in a proof or certificate (Commits, Prepares, New-Leader votes, partial
///   signatures, Replay-Prepares, Replay-Commits, Checkpoints) ascends strictly by signer; how many
///   there are is judged elsewhere;
/// - New-Leader votes (alone or in a proof), broadcasts, the votes on them and the requests for
///   them, lists, constraints, Replay-Prepares and Replay-Commits are of a view above 0; the votes
///   of a New-Leader-Proof are not empty and all for one view;
/// - nobody answers his own ping or measures the way to himself;
/// - a catch-up request has `installed <= view` and `executed <= ordered`;
/// - a broadcast 0 carries a Report with `count` at most `MAX_REPLAY`, every other one an entry,
///   and no broadcast's number (in Init, Echo, Ready or request) is above `MAX_REPLAY`;
/// - a list (in VC-List and in every constraint) has exactly Q members, strictly ascending; a
///   constraint has `base < start_seq` and at most `MAX_REPLAY` numbers between the two;
/// - what proves the constraint of a VC-Proof or Replay is what `config.proofs` says: `Certificate`, a
///   certificate, whose partial signatures are all for that message's constraint and without a share;
///   `Threshold`, a threshold signature. A VC-Partial-Sig that is sent by itself has a share if
///   `config.proofs` is `Threshold`, and none if it is `Certificate`;
/// - a state is at most `CHUNK << MAX_DEPTH` bytes long; a chunk's index is below
///   `StateId::chunks`; each chunk but the last has `CHUNK` bytes and the last the rest; the
///   Checkpoints of a proof are not empty and all for one state.
///
/// Invariant: what passes cannot make any handler index out of bounds.
/// Paper: none. Deviation: none.
#[slot(decode.shape)]
#[expect(clippy::wildcard_enum_match_arm, reason = "the other groups are looked at in turn")]
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
        Message::CatchUpRequest(m) => {
            known(m.signer) && m.body.installed <= m.body.view && m.body.executed <= m.body.ordered
        }
        Message::OrderedCertificate(m) => {
            let commits = &m.body.commits;
            known(m.signer)
                && proposal_fits(config, &m.body.pre_prepare)
                && commits.iter().all(|vote| vote.body.seq > Seq(0))
                && ascend(config, commits.iter().map(|vote| vote.signer))
        }
        message => monitoring_fits(config, message)
            .or_else(|| view_change_fits(config, message))
            .or_else(|| checkpoint_fits(config, message))
            .unwrap_or(false),
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

/// Replicas of this cluster, each greater than the one before.
fn ascend(config: &Config, ids: impl Iterator<Item = ReplicaId>) -> bool {
    let mut last = ReplicaId(0);
    ids.into_iter().all(|id| {
        let follows = config.is_replica(id) && id > last;
        last = id;
        follows
    })
}

/// `None`: not a message of leader monitoring.
#[expect(clippy::wildcard_enum_match_arm, reason = "what no group of messages knows is refused")]
fn monitoring_fits(config: &Config, message: &Message) -> Option<bool> {
    let known = |id: ReplicaId| config.is_replica(id);
    Some(match message {
        Message::RttPing(m) => known(m.signer) && m.body.seq > 0,
        Message::RttPong(m) => {
            let pinger = m.body.pinger;
            known(m.signer) && known(pinger) && pinger != m.signer && m.body.seq > 0
        }
        Message::RttMeasure(m) => known(m.signer) && known(m.body.to) && m.body.to != m.signer,
        Message::TatUb(m) => known(m.signer),
        Message::TatMeasure(m) => known(m.signer),
        Message::NewLeader(m) => known(m.signer) && m.body.view > View(0),
        Message::NewLeaderProof(m) => {
            let votes = &m.body.votes;
            let view = votes.first().map_or(View(0), |vote| vote.body.view);
            known(m.signer)
                && view > View(0)
                && votes.iter().all(|vote| vote.body.view == view)
                && ascend(config, votes.iter().map(|vote| vote.signer))
        }
        _ => return None,
    })
}

/// `None`: not a message of the view change.
#[expect(clippy::wildcard_enum_match_arm, reason = "what no group of messages knows is refused")]
fn view_change_fits(config: &Config, message: &Message) -> Option<bool> {
    let known = |id: ReplicaId| config.is_replica(id);
    let tag = |originator: ReplicaId, view: View, seq: u32| {
        known(originator) && view > View(0) && seq as usize <= MAX_REPLAY
    };
    Some(match message {
        Message::RbInit(m) => tag(m.signer, m.body.view, m.body.seq) && init_fits(config, &m.body),
        Message::RbEcho(m) => known(m.signer) && tag(m.body.originator, m.body.view, m.body.seq),
        Message::RbReady(m) => known(m.signer) && tag(m.body.originator, m.body.view, m.body.seq),
        Message::RbRequest(m) => known(m.signer) && tag(m.body.originator, m.body.view, m.body.seq),
        Message::VcList(m) => {
            known(m.signer) && m.body.view > View(0) && list_fits(config, &m.body.ids)
        }
        Message::VcPartialSig(m) => {
            known(m.signer)
                && constraint_fits(config, &m.body.constraint)
                && m.body.share.is_some() == (config.proofs == Proofs::Threshold)
        }
        Message::VcProof(m) => known(m.signer) && proven(config, &m.body.constraint, &m.body.proof),
        Message::Replay(m) => replay_fits(config, m),
        Message::ReplayPrepare(m) => known(m.signer) && m.body.view > View(0),
        Message::ReplayCommit(m) => known(m.signer) && m.body.view > View(0),
        Message::ReplayConflict(m) => {
            let both = [&m.body.first, &m.body.second];
            known(m.signer) && both.iter().all(|replay| replay_fits(config, replay))
        }
        Message::InstallCertificate(m) => {
            let commits = &m.body.commits;
            known(m.signer)
                && replay_fits(config, &m.body.replay)
                && commits.iter().all(|vote| vote.body.view > View(0))
                && ascend(config, commits.iter().map(|vote| vote.signer))
        }
        Message::ResolutionRequest(m) => known(m.signer),
        Message::ResolutionAnswer(m) => known(m.signer),
        Message::ProposalRequest(m) => known(m.signer) && m.body.seq > Seq(0),
        _ => return None,
    })
}

/// `None`: not a message about checkpoints.
#[expect(clippy::wildcard_enum_match_arm, reason = "what no group of messages knows is refused")]
fn checkpoint_fits(config: &Config, message: &Message) -> Option<bool> {
    let known = |id: ReplicaId| config.is_replica(id);
    Some(match message {
        Message::Checkpoint(m) => known(m.signer) && state_fits(&m.body.state),
        Message::CheckpointProof(m) => {
            let votes = &m.body.checkpoints;
            known(m.signer)
                && votes.first().is_some_and(|vote| state_fits(&vote.body.state))
                && votes.windows(2).all(|pair| pair[0].body.state == pair[1].body.state)
                && ascend(config, votes.iter().map(|vote| vote.signer))
                && matrix_fits(config, &m.body.preceding)
        }
        Message::StateRequest(m) => {
            let state = &m.body.state;
            known(m.signer) && state_fits(state) && u64::from(m.body.index) < state.chunks()
        }
        Message::StateChunk(m) => {
            let (state, index) = (&m.body.state, u64::from(m.body.index));
            let rest = state.length.saturating_sub(index * CHUNK as u64);
            known(m.signer)
                && state_fits(state)
                && index < state.chunks()
                && m.body.bytes.len() as u64 == rest.min(CHUNK as u64)
        }
        _ => return None,
    })
}

fn init_fits(config: &Config, init: &RbInit) -> bool {
    match &init.payload {
        Payload::Report(report) => {
            init.seq == 0
                && report.count as usize <= MAX_REPLAY
                && report.replay.as_ref().is_none_or(|held| held_replay_fits(config, held))
        }
        Payload::Entry(Certificate::Prepared(proposal, votes)) => {
            init.seq > 0
                && proposal_fits(config, proposal)
                && votes.iter().all(|vote| vote.body.seq > Seq(0))
                && ascend(config, votes.iter().map(|vote| vote.signer))
        }
        Payload::Entry(Certificate::Committed(proposal, votes)) => {
            init.seq > 0
                && proposal_fits(config, proposal)
                && votes.iter().all(|vote| vote.body.seq > Seq(0))
                && ascend(config, votes.iter().map(|vote| vote.signer))
        }
    }
}

fn held_replay_fits(config: &Config, held: &ReplayCertificate) -> bool {
    replay_fits(config, &held.replay)
        && held.prepares.iter().all(|vote| vote.body.view > View(0))
        && ascend(config, held.prepares.iter().map(|vote| vote.signer))
}

fn replay_fits(config: &Config, replay: &Signed<Replay>) -> bool {
    config.is_replica(replay.signer) && proven(config, &replay.body.constraint, &replay.body.proof)
}

fn proven(config: &Config, constraint: &Constraint, proof: &Proof) -> bool {
    let fits = match (config.proofs, proof) {
        (Proofs::Certificate, Proof::Certificate(partials)) => {
            let bodies = partials.iter().map(|partial| &partial.body);
            bodies.into_iter().all(|body| body.constraint == *constraint && body.share.is_none())
                && ascend(config, partials.iter().map(|partial| partial.signer))
        }
        (Proofs::Threshold, Proof::Threshold(_)) => true,
        _ => false,
    };
    fits && constraint_fits(config, constraint)
}

fn constraint_fits(config: &Config, constraint: &Constraint) -> bool {
    let Constraint { view, ids, base, start_seq, .. } = constraint;
    *view > View(0)
        && list_fits(config, ids)
        && base < start_seq
        && start_seq.0 - base.0 - 1 <= MAX_REPLAY as u64
}

fn list_fits(config: &Config, ids: &[ReplicaId]) -> bool {
    ids.len() == config.quorum() && ascend(config, ids.iter().copied())
}

fn state_fits(state: &StateId) -> bool {
    state.seq > Seq(0) && state.length <= (CHUNK as u64) << merkle::MAX_DEPTH
}
