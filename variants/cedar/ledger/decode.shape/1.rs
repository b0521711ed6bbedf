//! What every message of a correct server has in common, as a table of rules.
//!
//! A message is taken apart into [`Part`]s with a work list ([`open`]); upon each part all
//! [`RULES`] are tried in order ([`obeys`]). A rule is a relation and a function that says between
//! what of a part, if anything, the relation must hold.

use wire::merkle::MAX_DEPTH;
use wire::prime::{
    CHUNK, CatchUpRequest, Certificate, CheckpointProof, Constraint, MAX_BATCH_BYTES, MAX_REPLAY,
    Matrix, Message, NewLeaderProof, Partials, Payload, PoAcks, PoAru, PoRequest, PrePrepare,
    RbInit, Replay, ReplayCertificate, StateId,
};
use wire::{Config, PoSeq, Reject, ReplicaId, Signable, Signed, View};

/// Refuses a decoded message whose shape no correct server of this cluster would send.
///
/// # Errors
/// `Malformed` if a part of the message breaks one of [`RULES`].
pub fn shape(config: &Config, message: &Message) -> Result<(), Reject> {
    let mut work = Vec::with_capacity(16);
    take_apart(message, &mut work);
    while let Some(part) = work.pop() {
        if !obeys(config, &part) {
            return Err(Reject::Malformed);
        }
        open(&part, &mut work);
    }
    Ok(())
}

/// Tries all rules in order.
fn obeys(config: &Config, part: &Part<'_>) -> bool {
    RULES.iter().all(|rule| match rule {
        Rule::Replica(of) => of(part).is_none_or(|id| config.is_replica(id)),
        Rule::AboveZero(of) => of(part).is_none_or(|number| number > 0),
        Rule::AtMost(of) => of(part).is_none_or(|(small, large)| small <= large),
        Rule::Equal(of) => of(part).is_none_or(|(left, right)| left == right),
        Rule::Different(of) => of(part).is_none_or(|(left, right)| left != right),
        Rule::OneEach(of) => of(part).is_none_or(|count| count == config.size()),
        Rule::Quorum(of) => of(part).is_none_or(|count| count == config.quorum()),
        Rule::Ascending(of) => {
            of(part).is_none_or(|ids| ids.iter().zip(ids.iter().skip(1)).all(|(a, b)| a < b))
        }
        Rule::Holds(of) => of(part),
    })
}

/// Something in a message that a rule may be about.
#[derive(Clone)]
enum Part<'a> {
    /// A replica that is named.
    Named(ReplicaId),
    /// Who answers, and whom.
    Between(ReplicaId, ReplicaId),
    /// A number that counts from 1.
    Counted(u64),
    /// A view that needed a view change to come about.
    Changed(View),
    /// Signers of what stands in a proof or certificate.
    Signers(Vec<ReplicaId>),
    /// The number of a broadcast.
    Broadcast(u32),
    Request(&'a PoRequest),
    Acks(&'a PoAcks),
    Aru(&'a PoAru),
    Grid(&'a Matrix),
    Proposal(&'a PrePrepare),
    Progress(&'a CatchUpRequest),
    Election(&'a NewLeaderProof),
    Init(&'a RbInit),
    Entry(&'a Certificate),
    Earlier(&'a ReplayCertificate),
    List(&'a [ReplicaId]),
    Bounds(&'a Constraint),
    /// A constraint and who signed it.
    Backed(&'a Constraint, &'a Partials),
    State(&'a StateId),
    Stable(&'a CheckpointProof),
    /// The index of a chunk.
    Index(&'a StateId, u32),
    /// The index of a chunk and how long it is.
    Chunk(&'a StateId, u32, usize),
}

/// What must hold of a part that the function finds something in.
enum Rule {
    Replica(fn(&Part<'_>) -> Option<ReplicaId>),
    AboveZero(fn(&Part<'_>) -> Option<u64>),
    AtMost(fn(&Part<'_>) -> Option<(u64, u64)>),
    Equal(fn(&Part<'_>) -> Option<(u64, u64)>),
    Different(fn(&Part<'_>) -> Option<(ReplicaId, ReplicaId)>),
    /// As many as there are servers.
    OneEach(fn(&Part<'_>) -> Option<usize>),
    /// Exactly Q.
    Quorum(fn(&Part<'_>) -> Option<usize>),
    /// Strictly.
    Ascending(for<'p> fn(&'p Part<'_>) -> Option<&'p [ReplicaId]>),
    Holds(fn(&Part<'_>) -> bool),
}

/// The longest state. Unit: bytes.
const MAX_STATE: u64 = (CHUNK as u64) << MAX_DEPTH;

const RULES: &[Rule] = &[
    // Who is named is a server; numbers that count from 1 are above 0; so are changed views.
    Rule::Replica(|part| if let Part::Named(id) = part { Some(*id) } else { None }),
    Rule::AboveZero(|part| match part {
        Part::Counted(number) | Part::Changed(View(number)) => Some(*number),
        _ => None,
    }),
    // A PO-Request has an update, and not too many bytes of payload.
    Rule::AboveZero(|part| match part {
        Part::Request(request) => Some(request.updates.len() as u64),
        _ => None,
    }),
    Rule::AtMost(|part| match part {
        Part::Request(request) => {
            let lengths = request.updates.iter().map(|update| update.body.payload.len() as u64);
            Some((lengths.fold(0, u64::saturating_add), MAX_BATCH_BYTES as u64))
        }
        _ => None,
    }),
    // A PO-Ack message has an acknowledgement.
    Rule::AboveZero(|part| match part {
        Part::Acks(acks) => Some(acks.acks.len() as u64),
        _ => None,
    }),
    // A PO-ARU has N entries, a matrix N rows; row i is null or signed by server i.
    Rule::OneEach(|part| match part {
        Part::Aru(aru) => Some(aru.vec.len()),
        Part::Grid(matrix) => Some(matrix.rows.len()),
        _ => None,
    }),
    Rule::Holds(|part| match part {
        Part::Grid(matrix) => (1u16..)
            .zip(matrix.rows.iter())
            .all(|(i, row)| row.as_ref().is_none_or(|row| row.signer == ReplicaId(i))),
        _ => true,
    }),
    // Proofs, certificates and lists ascend strictly.
    Rule::Ascending(|part| match part {
        Part::Signers(ids) => Some(ids),
        Part::List(ids) => Some(ids),
        _ => None,
    }),
    // The votes of a New-Leader-Proof are not empty and all for one view.
    Rule::Holds(|part| match part {
        Part::Election(proof) => proof.votes.first().is_some_and(|first| {
            proof.votes.iter().all(|vote| vote.body.view == first.body.view)
        }),
        _ => true,
    }),
    // Nobody answers himself.
    Rule::Different(|part| match part {
        Part::Between(one, other) => Some((*one, *other)),
        _ => None,
    }),
    // Nobody has installed more than preinstalled, or executed more than ordered.
    Rule::AtMost(|part| match part {
        Part::Progress(request) => Some((request.installed.0, request.view.0)),
        _ => None,
    }),
    Rule::AtMost(|part| match part {
        Part::Progress(request) => Some((request.executed.0, request.ordered.0)),
        _ => None,
    }),
    // Broadcast 0 is a Report, every other one an entry, and there are not too many of them.
    Rule::Equal(|part| match part {
        Part::Init(init) => {
            let report = matches!(init.payload, Payload::Report(_));
            Some((u64::from(report), u64::from(init.seq == 0)))
        }
        _ => None,
    }),
    Rule::AtMost(|part| match part {
        Part::Init(RbInit { payload: Payload::Report(report), .. }) => {
            Some((u64::from(report.count), MAX_REPLAY as u64))
        }
        Part::Broadcast(number) => Some((u64::from(*number), MAX_REPLAY as u64)),
        _ => None,
    }),
    // A list has Q members.
    Rule::Quorum(|part| if let Part::List(ids) = part { Some(ids.len()) } else { None }),
    // A constraint begins above its base, with not too many numbers between the two.
    Rule::AboveZero(|part| match part {
        Part::Bounds(constraint) => Some(distance(constraint)),
        _ => None,
    }),
    Rule::AtMost(|part| match part {
        Part::Bounds(constraint) => Some((distance(constraint), MAX_REPLAY as u64 + 1)),
        _ => None,
    }),
    // Partial signatures are for the constraint beside them.
    Rule::Holds(|part| match part {
        Part::Backed(constraint, partials) => {
            partials.iter().all(|partial| partial.body.constraint == **constraint)
        }
        _ => true,
    }),
    // A state is not too long; a chunk is one of its chunks, and as long as it should be.
    Rule::AtMost(|part| match part {
        Part::State(state) => Some((state.length, MAX_STATE)),
        _ => None,
    }),
    Rule::AboveZero(|part| match part {
        Part::Index(state, index) => Some(state.chunks().saturating_sub(u64::from(*index))),
        _ => None,
    }),
    Rule::Equal(|part| match part {
        Part::Chunk(state, index, length) => {
            let before = u64::from(*index).saturating_mul(CHUNK as u64);
            let rest = state.length.saturating_sub(before);
            Some((*length as u64, rest.min(CHUNK as u64)))
        }
        _ => None,
    }),
    // The Checkpoints of a proof are not empty and all for one state.
    Rule::Holds(|part| match part {
        Part::Stable(proof) => proof.checkpoints.first().is_some_and(|first| {
            proof.checkpoints.iter().all(|vote| vote.body.state == first.body.state)
        }),
        _ => true,
    }),
];

/// From a constraint's base to its start; 0 if it does not begin above its base.
fn distance(constraint: &Constraint) -> u64 {
    constraint.start_seq.0.saturating_sub(constraint.base.0)
}

/// The work list.
type Work<'a> = Vec<Part<'a>>;

/// Adds the signers of a proof or certificate: each is named, all ascend.
fn add_signers<'a, T: Signable<Signer = ReplicaId>>(votes: &[Signed<T>], work: &mut Work<'a>) {
    work.extend(votes.iter().map(|vote| Part::Named(vote.signer)));
    work.push(Part::Signers(votes.iter().map(|vote| vote.signer).collect()));
}

/// Adds a signer and what he signed.
fn add_signed<'a, const N: usize>(signer: ReplicaId, parts: [Part<'a>; N], work: &mut Work<'a>) {
    work.push(Part::Named(signer));
    work.extend(parts);
}

/// Adds a PO-Request's identifier.
fn add_identifier(originator: ReplicaId, seq: PoSeq, work: &mut Work<'_>) {
    work.extend([Part::Named(originator), Part::Counted(seq.0)]);
}

/// Adds what names a broadcast.
fn add_tag(originator: ReplicaId, view: View, seq: u32, work: &mut Work<'_>) {
    work.extend([Part::Named(originator), Part::Changed(view), Part::Broadcast(seq)]);
}

/// Adds a signed Replay.
fn add_replay<'a>(replay: &'a Signed<Replay>, work: &mut Work<'a>) {
    let part = Part::Backed(&replay.body.constraint, &replay.body.partials);
    add_signed(replay.signer, [part], work);
}

/// Adds what a part consists of.
fn open<'a>(part: &Part<'a>, work: &mut Work<'a>) {
    match *part {
        Part::Named(_)
        | Part::Between(..)
        | Part::Counted(_)
        | Part::Changed(_)
        | Part::Signers(_)
        | Part::Broadcast(_)
        | Part::Aru(_)
        | Part::Progress(_)
        | Part::Index(..) => {}
        Part::Request(request) => work.push(Part::Counted(request.seq.0)),
        Part::Acks(acks) => {
            acks.acks.iter().for_each(|ack| add_identifier(ack.originator, ack.seq, work));
        }
        Part::Grid(matrix) => {
            for row in matrix.rows.iter().flatten() {
                add_signed(row.signer, [Part::Aru(&row.body)], work);
            }
        }
        Part::Proposal(proposal) => {
            work.extend([Part::Counted(proposal.seq.0), Part::Grid(&proposal.matrix)]);
        }
        Part::Election(proof) => {
            add_signers(&proof.votes, work);
            work.extend(proof.votes.iter().map(|vote| Part::Changed(vote.body.view)));
        }
        Part::Init(init) => {
            work.extend([Part::Changed(init.view), Part::Broadcast(init.seq)]);
            match &init.payload {
                Payload::Report(report) => work.extend(report.replay.as_ref().map(Part::Earlier)),
                Payload::Entry(entry) => work.push(Part::Entry(entry)),
            }
        }
        Part::Entry(entry) => {
            let proposal = entry.pre_prepare();
            add_signed(proposal.signer, [Part::Proposal(&proposal.body)], work);
            match entry {
                Certificate::Prepared(_, votes) => {
                    add_signers(votes, work);
                    work.extend(votes.iter().map(|vote| Part::Counted(vote.body.seq.0)));
                }
                Certificate::Committed(_, votes) => {
                    add_signers(votes, work);
                    work.extend(votes.iter().map(|vote| Part::Counted(vote.body.seq.0)));
                }
            }
        }
        Part::Earlier(certificate) => {
            add_replay(&certificate.replay, work);
            add_signers(&certificate.prepares, work);
            let votes = certificate.prepares.iter();
            work.extend(votes.map(|vote| Part::Changed(vote.body.view)));
        }
        Part::List(ids) => work.extend(ids.iter().copied().map(Part::Named)),
        Part::Bounds(constraint) => {
            work.extend([Part::Changed(constraint.view), Part::List(&constraint.ids)]);
        }
        Part::Backed(constraint, partials) => {
            // The partial signatures' constraints equal this one, so they need no look.
            work.push(Part::Bounds(constraint));
            add_signers(partials, work);
        }
        Part::State(state) => work.push(Part::Counted(state.seq.0)),
        Part::Stable(proof) => {
            add_signers(&proof.checkpoints, work);
            work.extend(proof.checkpoints.iter().map(|vote| Part::State(&vote.body.state)));
            work.push(Part::Grid(&proof.preceding));
        }
        Part::Chunk(state, index, _) => work.push(Part::Index(state, index)),
    }
}

/// Adds the parts of a whole message, its signer among them.
fn take_apart<'a>(message: &'a Message, work: &mut Work<'a>) {
    match message {
        Message::PoRequest(m) => add_signed(m.signer, [Part::Request(&m.body)], work),
        Message::PoAcks(m) => add_signed(m.signer, [Part::Acks(&m.body)], work),
        Message::PoAru(m) => add_signed(m.signer, [Part::Aru(&m.body)], work),
        Message::PoRequestConflict(m) => {
            add_signed(m.signer, [], work);
            for half in [&m.body.first, &m.body.second] {
                add_signed(half.signer, [Part::Request(&half.body)], work);
            }
        }
        Message::PoAruConflict(m) => {
            add_signed(m.signer, [], work);
            for half in [&m.body.first, &m.body.second] {
                add_signed(half.signer, [Part::Aru(&half.body)], work);
            }
        }
        Message::ProofMatrix(m) => add_signed(m.signer, [Part::Grid(&m.body.matrix)], work),
        Message::PrePrepare(m) => add_signed(m.signer, [Part::Proposal(&m.body)], work),
        Message::Prepare(m) => add_signed(m.signer, [Part::Counted(m.body.seq.0)], work),
        Message::Commit(m) => add_signed(m.signer, [Part::Counted(m.body.seq.0)], work),
        Message::PrePrepareConflict(m) => {
            add_signed(m.signer, [], work);
            for half in [&m.body.first, &m.body.second] {
                add_signed(half.signer, [Part::Proposal(&half.body)], work);
            }
        }
        Message::Recon(m) => {
            add_signed(m.signer, [], work);
            add_identifier(m.body.originator, m.body.seq, work);
        }
        Message::ReconRequest(m) => {
            add_signed(m.signer, [], work);
            add_identifier(m.body.originator, m.body.seq, work);
        }
        Message::CatchUpRequest(m) => add_signed(m.signer, [Part::Progress(&m.body)], work),
        Message::OrderedCertificate(m) => {
            let proposal = &m.body.pre_prepare;
            add_signed(m.signer, [], work);
            add_signed(proposal.signer, [Part::Proposal(&proposal.body)], work);
            add_signers(&m.body.commits, work);
            work.extend(m.body.commits.iter().map(|vote| Part::Counted(vote.body.seq.0)));
        }
        Message::RttPing(m) => add_signed(m.signer, [Part::Counted(m.body.seq)], work),
        Message::RttPong(m) => {
            let pinger = m.body.pinger;
            let parts = [
                Part::Named(pinger),
                Part::Between(m.signer, pinger),
                Part::Counted(m.body.seq),
            ];
            add_signed(m.signer, parts, work);
        }
        Message::RttMeasure(m) => {
            let to = m.body.to;
            add_signed(m.signer, [Part::Named(to), Part::Between(m.signer, to)], work);
        }
        Message::TatUb(m) => add_signed(m.signer, [], work),
        Message::TatMeasure(m) => add_signed(m.signer, [], work),
        Message::NewLeader(m) => add_signed(m.signer, [Part::Changed(m.body.view)], work),
        Message::NewLeaderProof(m) => add_signed(m.signer, [Part::Election(&m.body)], work),
        Message::RbInit(m) => add_signed(m.signer, [Part::Init(&m.body)], work),
        Message::RbEcho(m) => {
            add_signed(m.signer, [], work);
            add_tag(m.body.originator, m.body.view, m.body.seq, work);
        }
        Message::RbReady(m) => {
            add_signed(m.signer, [], work);
            add_tag(m.body.originator, m.body.view, m.body.seq, work);
        }
        Message::RbRequest(m) => {
            add_signed(m.signer, [], work);
            add_tag(m.body.originator, m.body.view, m.body.seq, work);
        }
        Message::VcList(m) => {
            add_signed(m.signer, [Part::Changed(m.body.view), Part::List(&m.body.ids)], work);
        }
        Message::VcPartialSig(m) => {
            add_signed(m.signer, [Part::Bounds(&m.body.constraint)], work);
        }
        Message::VcProof(m) => {
            add_signed(m.signer, [Part::Backed(&m.body.constraint, &m.body.partials)], work);
        }
        Message::Replay(m) => add_replay(m, work),
        Message::ReplayPrepare(m) => add_signed(m.signer, [Part::Changed(m.body.view)], work),
        Message::ReplayCommit(m) => add_signed(m.signer, [Part::Changed(m.body.view)], work),
        Message::ReplayConflict(m) => {
            add_signed(m.signer, [], work);
            add_replay(&m.body.first, work);
            add_replay(&m.body.second, work);
        }
        Message::InstallCertificate(m) => {
            add_signed(m.signer, [], work);
            add_replay(&m.body.replay, work);
            add_signers(&m.body.commits, work);
            work.extend(m.body.commits.iter().map(|vote| Part::Changed(vote.body.view)));
        }
        Message::ResolutionRequest(m) => add_signed(m.signer, [], work),
        Message::ResolutionAnswer(m) => add_signed(m.signer, [], work),
        Message::ProposalRequest(m) => add_signed(m.signer, [Part::Counted(m.body.seq.0)], work),
        Message::Checkpoint(m) => add_signed(m.signer, [Part::State(&m.body.state)], work),
        Message::CheckpointProof(m) => add_signed(m.signer, [Part::Stable(&m.body)], work),
        Message::StateRequest(m) => {
            let state = &m.body.state;
            add_signed(m.signer, [Part::State(state), Part::Index(state, m.body.index)], work);
        }
        Message::StateChunk(m) => {
            let state = &m.body.state;
            let chunk = Part::Chunk(state, m.body.index, m.body.bytes.len());
            add_signed(m.signer, [Part::State(state), chunk], work);
        }
    }
}
