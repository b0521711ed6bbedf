//! What every message of a correct server has in common.
//!
//! A message is taken apart into a stream of [`Part`]s: whatever a rule speaks of, wherever in the
//! message it stands. Each rule is a predicate on one sort of part, and a message has the right
//! shape if all of its parts pass. So a rule is written once, and the functions that take messages
//! apart judge nothing.

use std::iter;
use wire::prime::{
    CHUNK, CatchUpRequest, Certificate, Checkpoint, CheckpointProof, Commit, Constraint, Ids,
    InstallCertificate, MAX_BATCH_BYTES, MAX_REPLAY, Matrix, Message, NewLeader, NewLeaderProof,
    OrderedCertificate, Payload, PoAcks, PoAru, PoRequest, PrePrepare, Prepare, Proof, ProofMatrix,
    RbInit, Replay, ReplayCertificate, ReplayCommit, ReplayPrepare, StateChunk, StateId,
    StateRequest, VcList, VcPartialSig,
};
use wire::{Config, PoSeq, Proofs, Reject, ReplicaId, Seq, Signable, Signed, View, merkle};

/// What a rule speaks of.
#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    /// A replica that is named.
    Named(ReplicaId),
    /// A number that begins at 1, or the length of what must not be empty.
    Counted(u64),
    /// A view that somebody was elected for.
    Elected(View),
    /// Two that follow each other in a proof, certificate or list.
    Ascending(ReplicaId, ReplicaId),
    /// One who speaks and one who is spoken to.
    Strangers(ReplicaId, ReplicaId),
    /// A number and what it must not exceed.
    Within(u64, u64),
    /// Votes of two signers that must be for one view.
    OneView(View, View),
    /// Votes of two signers that must be for one state.
    OneState(&'a StateId, &'a StateId),
    /// What is signed and what must be.
    OneConstraint(&'a Constraint, &'a Constraint),
    /// What proves a constraint, or what a partial signature on it is for.
    Proven(Proofs),
    /// A vector with an entry for each replica.
    Vector(&'a PoAru),
    /// A proof matrix.
    Rows(&'a Matrix),
    /// The members of a list.
    List(&'a Ids),
    /// Base and start of what a view change resolves.
    Span(Seq, Seq),
    /// A broadcast's number and what it carries.
    Broadcast(u32, &'a Payload),
    /// A chunk's place in a state, and how many bytes there are.
    Chunk(&'a StateId, u32, usize),
}

/// The parts of a message, or of something in it.
type Parts<'a> = Box<dyn Iterator<Item = Part<'a>> + 'a>;

/// Refuses what no correct server would send; see the slot's contract.
pub fn shape(config: &Config, message: &Message) -> Result<(), Reject> {
    parts(message).all(|part| passes(config, part)).then_some(()).ok_or(Reject::Malformed)
}

// ---- the rules ----

/// Whether `part` obeys the rule on its sort.
fn passes(config: &Config, part: Part<'_>) -> bool {
    match part {
        Part::Named(id) => config.is_replica(id),
        Part::Counted(number) => number > 0,
        Part::Elected(view) => view > View(0),
        Part::Ascending(one, next) => one < next,
        Part::Strangers(one, other) => one != other,
        Part::Within(number, limit) => number <= limit,
        Part::OneView(one, other) => one == other,
        Part::OneState(one, other) => one == other,
        Part::OneConstraint(one, other) => one == other,
        Part::Proven(by) => by == config.proofs,
        Part::Vector(aru) => has_entry_each(config, aru),
        Part::Rows(matrix) => has_row_each(config, matrix),
        Part::List(ids) => ids.len() == config.quorum(),
        Part::Span(base, start) => is_short(base, start),
        Part::Broadcast(number, payload) => is_due(number, payload),
        Part::Chunk(state, index, length) => is_cut_right(state, index, length),
    }
}

/// One entry for each replica.
fn has_entry_each(config: &Config, aru: &PoAru) -> bool {
    aru.vec.len() == config.size()
}

/// One row for each replica, null or its own.
fn has_row_each(config: &Config, matrix: &Matrix) -> bool {
    matrix.rows.len() == config.size()
        && config
            .replicas()
            .zip(matrix.rows.iter())
            .filter_map(|(owner, row)| row.as_ref().map(|row| (owner, row)))
            .all(|(owner, row)| row.signer == owner && has_entry_each(config, &row.body))
}

/// Something to resolve from `base` on, and at most `MAX_REPLAY` numbers between it and `start`.
fn is_short(base: Seq, start: Seq) -> bool {
    start
        .0
        .checked_sub(base.0)
        .and_then(|distance| distance.checked_sub(1))
        .is_some_and(|between| between <= MAX_REPLAY as u64)
}

/// A report first and entries after it.
fn is_due(number: u32, payload: &Payload) -> bool {
    (number == 0) == matches!(payload, Payload::Report(_))
}

/// As many bytes as the state has from the chunk's beginning on, but no more than a chunk holds.
fn is_cut_right(state: &StateId, index: u32, length: usize) -> bool {
    u64::from(index)
        .checked_mul(CHUNK as u64)
        .and_then(|before| state.length.checked_sub(before))
        .is_some_and(|rest| rest.min(CHUNK as u64) == length as u64)
}

// ---- taking apart: what stands in many messages ----

/// All of `parts`.
fn all<'a, const N: usize>(parts: [Part<'a>; N]) -> Parts<'a> {
    Box::new(parts.into_iter())
}

/// No parts: nothing in it has a rule.
fn opaque<'a, T>(_body: &'a T) -> Parts<'a> {
    Box::new(iter::empty())
}

/// Every two of `items` that follow each other.
fn neighbours<T>(items: &[T]) -> impl Iterator<Item = (&T, &T)> {
    items.iter().zip(items.iter().skip(1))
}

/// The signer, and the parts of what is signed.
fn signed<'a, T>(message: &'a Signed<T>, body: impl FnOnce(&'a T) -> Parts<'a>) -> Parts<'a>
where
    T: Signable<Signer = ReplicaId>,
{
    Box::new(iter::once(Part::Named(message.signer)).chain(body(&message.body)))
}

/// What stands in a proof or certificate.
fn proof<'a, T>(votes: &'a [Signed<T>], body: impl Fn(&'a T) -> Parts<'a> + 'a) -> Parts<'a>
where
    T: Signable<Signer = ReplicaId>,
{
    let order = neighbours(votes).map(|(one, next)| Part::Ascending(one.signer, next.signer));
    Box::new(order.chain(votes.iter().flat_map(move |vote| signed(vote, &body))))
}

/// Both messages of a conflict.
fn pair<'a, T>(
    first: &'a Signed<T>,
    second: &'a Signed<T>,
    body: impl Fn(&'a T) -> Parts<'a>,
) -> Parts<'a>
where
    T: Signable<Signer = ReplicaId>,
{
    Box::new(signed(first, &body).chain(signed(second, &body)))
}

/// A preorder identifier.
fn identifier<'a>(originator: ReplicaId, seq: PoSeq) -> [Part<'a>; 2] {
    [Part::Named(originator), Part::Counted(seq.0)]
}

/// The tag of a broadcast.
fn tag<'a>(originator: ReplicaId, view: View, seq: u32) -> Parts<'a> {
    all([Part::Named(originator), Part::Elected(view), number_of_broadcast(seq)])
}

/// Which of somebody's broadcasts.
fn number_of_broadcast<'a>(seq: u32) -> Part<'a> {
    Part::Within(u64::from(seq), MAX_REPLAY as u64)
}

/// The members of a list.
fn members(ids: &Ids) -> Parts<'_> {
    let order = neighbours(ids).map(|(one, next)| Part::Ascending(*one, *next));
    let names = ids.iter().copied().map(Part::Named);
    Box::new(iter::once(Part::List(ids)).chain(names).chain(order))
}

// ---- taking apart: pre-ordering and ordering ----

fn po_request(request: &PoRequest) -> Parts<'_> {
    let payload = request.updates.iter().map(|update| update.body.payload.len() as u64);
    all([
        Part::Counted(request.seq.0),
        Part::Counted(request.updates.len() as u64),
        Part::Within(payload.sum(), MAX_BATCH_BYTES as u64),
    ])
}

fn po_acks(message: &PoAcks) -> Parts<'_> {
    let acks = message.acks.iter().flat_map(|ack| identifier(ack.originator, ack.seq));
    Box::new(iter::once(Part::Counted(message.acks.len() as u64)).chain(acks))
}

fn po_aru(aru: &PoAru) -> Parts<'_> {
    all([Part::Vector(aru)])
}

fn proof_matrix(message: &ProofMatrix) -> Parts<'_> {
    all([Part::Rows(&message.matrix)])
}

fn pre_prepare(proposal: &PrePrepare) -> Parts<'_> {
    all([Part::Counted(proposal.seq.0), Part::Rows(&proposal.matrix)])
}

fn prepare(vote: &Prepare) -> Parts<'_> {
    all([Part::Counted(vote.seq.0)])
}

fn commit(vote: &Commit) -> Parts<'_> {
    all([Part::Counted(vote.seq.0)])
}

fn ordered_certificate(message: &OrderedCertificate) -> Parts<'_> {
    let proposal = signed(&message.pre_prepare, pre_prepare);
    Box::new(proposal.chain(proof(&message.commits, commit)))
}

fn catch_up_request(request: &CatchUpRequest) -> Parts<'_> {
    all([
        Part::Within(request.installed.0, request.view.0),
        Part::Within(request.executed.0, request.ordered.0),
    ])
}

// ---- taking apart: the view change ----

fn new_leader(vote: &NewLeader) -> Parts<'_> {
    all([Part::Elected(vote.view)])
}

fn new_leader_proof(message: &NewLeaderProof) -> Parts<'_> {
    let some = iter::once(Part::Counted(message.votes.len() as u64));
    let alike = neighbours(&message.votes)
        .map(|(one, other)| Part::OneView(one.body.view, other.body.view));
    Box::new(some.chain(alike).chain(proof(&message.votes, new_leader)))
}

fn rb_init(message: &RbInit) -> Parts<'_> {
    let head = all([
        Part::Elected(message.view),
        number_of_broadcast(message.seq),
        Part::Broadcast(message.seq, &message.payload),
    ]);
    Box::new(head.chain(payload(&message.payload)))
}

fn payload(payload: &Payload) -> Parts<'_> {
    match payload {
        Payload::Report(report) => {
            let count = iter::once(Part::Within(u64::from(report.count), MAX_REPLAY as u64));
            Box::new(count.chain(report.replay.iter().flat_map(replay_certificate)))
        }
        Payload::Entry(entry) => certificate(entry),
    }
}

fn certificate(entry: &Certificate) -> Parts<'_> {
    let votes = match entry {
        Certificate::Prepared(_, prepares) => proof(prepares, prepare),
        Certificate::Committed(_, commits) => proof(commits, commit),
    };
    Box::new(signed(entry.pre_prepare(), pre_prepare).chain(votes))
}

fn vc_list(message: &VcList) -> Parts<'_> {
    Box::new(iter::once(Part::Elected(message.view)).chain(members(&message.ids)))
}

fn constraint(constraint: &Constraint) -> Parts<'_> {
    let head = all([
        Part::Elected(constraint.view),
        Part::Span(constraint.base, constraint.start_seq),
    ]);
    Box::new(head.chain(members(&constraint.ids)))
}

fn vc_partial_sig(message: &VcPartialSig) -> Parts<'_> {
    Box::new(constraint(&message.constraint).chain(iter::once(share(message))))
}

/// What a partial signature is for: one with a share is for a threshold signature.
fn share<'a>(partial: &VcPartialSig) -> Part<'a> {
    Part::Proven(if partial.share.is_some() { Proofs::Threshold } else { Proofs::Certificate })
}

/// A constraint and what proves it. The partial signatures of a certificate name it again: what is
/// equal to it obeys every rule that it obeys.
fn proven<'a>(what: &'a Constraint, by: &'a Proof) -> Parts<'a> {
    let same = |partial: &'a VcPartialSig| {
        all([Part::OneConstraint(&partial.constraint, what), share(partial)])
    };
    let (sort, inside) = match by {
        Proof::Certificate(partials) => (Proofs::Certificate, proof(partials, same)),
        Proof::Threshold(point) => (Proofs::Threshold, opaque(point)),
    };
    Box::new(constraint(what).chain(iter::once(Part::Proven(sort))).chain(inside))
}

fn replay(message: &Replay) -> Parts<'_> {
    proven(&message.constraint, &message.proof)
}

fn replay_prepare(vote: &ReplayPrepare) -> Parts<'_> {
    all([Part::Elected(vote.view)])
}

fn replay_commit(vote: &ReplayCommit) -> Parts<'_> {
    all([Part::Elected(vote.view)])
}

fn replay_certificate(certificate: &ReplayCertificate) -> Parts<'_> {
    let chosen = signed(&certificate.replay, replay);
    Box::new(chosen.chain(proof(&certificate.prepares, replay_prepare)))
}

fn install_certificate(certificate: &InstallCertificate) -> Parts<'_> {
    let chosen = signed(&certificate.replay, replay);
    Box::new(chosen.chain(proof(&certificate.commits, replay_commit)))
}

// ---- taking apart: checkpoints and state transfer ----

fn state_id(state: &StateId) -> Parts<'_> {
    let longest = (CHUNK as u64) << merkle::MAX_DEPTH;
    all([Part::Counted(state.seq.0), Part::Within(state.length, longest)])
}

fn checkpoint(vote: &Checkpoint) -> Parts<'_> {
    state_id(&vote.state)
}

fn checkpoint_proof(message: &CheckpointProof) -> Parts<'_> {
    let some = iter::once(Part::Counted(message.checkpoints.len() as u64));
    let alike = neighbours(&message.checkpoints)
        .map(|(one, other)| Part::OneState(&one.body.state, &other.body.state));
    let rows = iter::once(Part::Rows(&message.preceding));
    Box::new(some.chain(alike).chain(proof(&message.checkpoints, checkpoint)).chain(rows))
}

/// A chunk's index lies below the number of chunks: one more than it does not exceed that.
fn place(state: &StateId, index: u32) -> Parts<'_> {
    let index = iter::once(Part::Within(u64::from(index).saturating_add(1), state.chunks()));
    Box::new(state_id(state).chain(index))
}

fn state_request(request: &StateRequest) -> Parts<'_> {
    place(&request.state, request.index)
}

fn state_chunk(chunk: &StateChunk) -> Parts<'_> {
    let cut = iter::once(Part::Chunk(&chunk.state, chunk.index, chunk.bytes.len()));
    Box::new(place(&chunk.state, chunk.index).chain(cut))
}

// ---- taking apart: the sum ----

/// All parts of a message.
fn parts(message: &Message) -> Parts<'_> {
    match message {
        Message::PoRequest(m) => signed(m, po_request),
        Message::PoAcks(m) => signed(m, po_acks),
        Message::PoAru(m) => signed(m, po_aru),
        Message::PoRequestConflict(m) => signed(m, |b| pair(&b.first, &b.second, po_request)),
        Message::PoAruConflict(m) => signed(m, |b| pair(&b.first, &b.second, po_aru)),
        Message::ProofMatrix(m) => signed(m, proof_matrix),
        Message::PrePrepare(m) => signed(m, pre_prepare),
        Message::Prepare(m) => signed(m, prepare),
        Message::Commit(m) => signed(m, commit),
        Message::PrePrepareConflict(m) => signed(m, |b| pair(&b.first, &b.second, pre_prepare)),
        Message::Recon(m) => signed(m, |b| all(identifier(b.originator, b.seq))),
        Message::ReconRequest(m) => signed(m, |b| all(identifier(b.originator, b.seq))),
        Message::CatchUpRequest(m) => signed(m, catch_up_request),
        Message::OrderedCertificate(m) => signed(m, ordered_certificate),
        Message::RttPing(m) => signed(m, |b| all([Part::Counted(b.seq)])),
        Message::RttPong(m) => signed(m, |b| {
            all([
                Part::Named(b.pinger),
                Part::Strangers(m.signer, b.pinger),
                Part::Counted(b.seq),
            ])
        }),
        Message::RttMeasure(m) => {
            signed(m, |b| all([Part::Named(b.to), Part::Strangers(m.signer, b.to)]))
        }
        Message::TatUb(m) => signed(m, opaque),
        Message::TatMeasure(m) => signed(m, opaque),
        Message::NewLeader(m) => signed(m, new_leader),
        Message::NewLeaderProof(m) => signed(m, new_leader_proof),
        Message::RbInit(m) => signed(m, rb_init),
        Message::RbEcho(m) => signed(m, |b| tag(b.originator, b.view, b.seq)),
        Message::RbReady(m) => signed(m, |b| tag(b.originator, b.view, b.seq)),
        Message::RbRequest(m) => signed(m, |b| tag(b.originator, b.view, b.seq)),
        Message::VcList(m) => signed(m, vc_list),
        Message::VcPartialSig(m) => signed(m, vc_partial_sig),
        Message::VcProof(m) => signed(m, |b| proven(&b.constraint, &b.proof)),
        Message::Replay(m) => signed(m, replay),
        Message::ReplayPrepare(m) => signed(m, replay_prepare),
        Message::ReplayCommit(m) => signed(m, replay_commit),
        Message::ReplayConflict(m) => signed(m, |b| pair(&b.first, &b.second, replay)),
        Message::InstallCertificate(m) => signed(m, install_certificate),
        Message::ResolutionRequest(m) => signed(m, opaque),
        Message::ResolutionAnswer(m) => signed(m, opaque),
        Message::ProposalRequest(m) => signed(m, |b| all([Part::Counted(b.seq.0)])),
        Message::Checkpoint(m) => signed(m, checkpoint),
        Message::CheckpointProof(m) => signed(m, checkpoint_proof),
        Message::StateRequest(m) => signed(m, state_request),
        Message::StateChunk(m) => signed(m, state_chunk),
    }
}
