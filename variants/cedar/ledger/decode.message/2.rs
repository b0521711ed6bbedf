//! Bytes to one message, in two passes.
//!
//! The first pass knows the layout of every kind as data ([`KINDS`]) and walks the bytes along it
//! with a stack of its own: tags, counts, caps, and that nothing is missing or left over. It
//! builds nothing. The second pass builds the value from bytes that are then known to fit; should
//! the two ever disagree, that ends in a reject as well.

use wire::auth::Auth;
use wire::client::MAX_PAYLOAD;
use wire::codec::MAX_MESSAGE;
use wire::config::MAX_REPLICAS;
use wire::merkle::MAX_DEPTH;
use wire::prime::{
    Bound, CHUNK, CatchUpRequest, Certificate, Checkpoint, CheckpointProof, Commit, Constraint,
    InstallCertificate, MAX_ACKS, MAX_BATCH, MAX_PART, MAX_REPLAY, Matrix, Message, NewLeader,
    NewLeaderProof, OrderedCertificate, Payload, PoAck, PoAcks, PoAru, PoAruConflict, PoRequest,
    PoRequestConflict, PrePrepare, PrePrepareConflict, Prepare, Proof, ProofMatrix,
    ProposalRequest, RbEcho, RbInit, RbReady, RbRequest, Recon, ReconRequest, Replay,
    ReplayCertificate, ReplayCommit, ReplayConflict, ReplayPrepare, Report, Resolution,
    ResolutionAnswer, ResolutionRequest, RttMeasure, RttPing, RttPong, StateChunk, StateId,
    StateRequest, TatMeasure, TatUb, VcList, VcPartialSig, VcProof,
};
use wire::{
    Blob, ClientId, ClientSeq, Digest, List, PoSeq, Point, Reject, ReplicaId, Seq, Signable,
    Signature, Signed, Update, View,
};

/// Decodes one message of Prime.
///
/// # Errors
/// `Malformed` for anything but the canonical encoding of exactly one message.
pub fn message(bytes: &[u8]) -> Result<Message, Reject> {
    if bytes.len() > MAX_MESSAGE {
        return Err(Reject::Malformed);
    }
    let (tag, content) = bytes.split_first().ok_or(Reject::Malformed)?;
    let kind = KINDS.get(usize::from(*tag)).ok_or(Reject::Malformed)?;
    if !conforms(content, &[SIGNER, Field::All(kind.body), Field::All(AUTH)]) {
        return Err(Reject::Malformed);
    }
    let mut source = Source { left: content };
    let value = (kind.build)(&mut source).ok_or(Reject::Malformed)?;
    if source.left.is_empty() { Ok(value) } else { Err(Reject::Malformed) }
}

// ---- Layouts ----

/// One field of an encoding.
#[derive(Clone, Copy)]
enum Field<'a> {
    /// So many bytes, whatever they are.
    Plain(usize),
    /// A count up to this cap, and that many bytes.
    Bytes(usize),
    /// A count up to this cap, and that many times these fields.
    Times(usize, &'a [Field<'a>]),
    /// A zero byte, or a one and these fields.
    Maybe(&'a [Field<'a>]),
    /// A byte that says which of these follows.
    Either(&'a [&'a [Field<'a>]]),
    /// These fields.
    All(&'a [Field<'a>]),
}

/// A kind of message: its body's layout, and what builds the whole message.
struct Kind<'a> {
    body: &'a [Field<'a>],
    build: fn(&mut Source<'_>) -> Option<Message>,
}

const SIGNER: Field<'_> = Field::Plain(2);
const CLIENT: Field<'_> = Field::Plain(4);
const REPLICA: Field<'_> = Field::Plain(2);
const NUMBER: Field<'_> = Field::Plain(8);
const SHORT: Field<'_> = Field::Plain(4);
const DIGEST: Field<'_> = Field::Plain(32);
const POINT: Field<'_> = Field::Plain(48);
const SIGNATURE: Field<'_> = Field::Plain(64);
const PATH: Field<'_> = Field::Times(MAX_DEPTH, &[DIGEST]);
const AUTH: &[Field<'_>] = &[SIGNATURE, SHORT, PATH];

const UPDATE: &[Field<'_>] = &[CLIENT, NUMBER, Field::Bytes(MAX_PAYLOAD), Field::All(AUTH)];
const PO_REQUEST: &[Field<'_>] = &[NUMBER, Field::Times(MAX_BATCH, UPDATE)];
const PO_ACKS: &[Field<'_>] = &[Field::Times(MAX_ACKS, &[REPLICA, NUMBER, DIGEST])];
const PO_ARU: &[Field<'_>] = &[Field::Times(MAX_REPLICAS, &[NUMBER])];
const ROW: &[Field<'_>] = &[Field::Maybe(&[SIGNER, Field::All(PO_ARU), Field::All(AUTH)])];
const MATRIX: &[Field<'_>] = &[Field::Times(MAX_REPLICAS, ROW)];
const PRE_PREPARE: &[Field<'_>] = &[NUMBER, NUMBER, Field::All(MATRIX)];
const VOTE: &[Field<'_>] = &[NUMBER, NUMBER, DIGEST];
const SIGNED_REQUEST: Field<'_> = Field::All(&[SIGNER, Field::All(PO_REQUEST), Field::All(AUTH)]);
const SIGNED_ARU: Field<'_> = Field::All(&[SIGNER, Field::All(PO_ARU), Field::All(AUTH)]);
const SIGNED_PROPOSAL: Field<'_> = Field::All(&[SIGNER, Field::All(PRE_PREPARE), Field::All(AUTH)]);
const SIGNED_VOTES: Field<'_> =
    Field::Times(MAX_REPLICAS, &[SIGNER, Field::All(VOTE), Field::All(AUTH)]);
const RECON: &[Field<'_>] =
    &[REPLICA, NUMBER, DIGEST, DIGEST, SHORT, Field::Bytes(MAX_PART), PATH];
const NEW_LEADERS: Field<'_> = Field::Times(MAX_REPLICAS, &[SIGNER, NUMBER, Field::All(AUTH)]);
const IDS: Field<'_> = Field::Times(MAX_REPLICAS, &[REPLICA]);
const CONSTRAINT: &[Field<'_>] = &[NUMBER, IDS, NUMBER, NUMBER, DIGEST];
const PARTIAL: &[Field<'_>] = &[Field::All(CONSTRAINT), Field::Maybe(&[POINT])];
const PARTIALS: Field<'_> =
    Field::Times(MAX_REPLICAS, &[SIGNER, Field::All(PARTIAL), Field::All(AUTH)]);
const PROOF: Field<'_> = Field::Either(&[&[PARTIALS], &[POINT]]);
const REPLAY: &[Field<'_>] = &[Field::All(CONSTRAINT), PROOF];
const SIGNED_REPLAY: Field<'_> = Field::All(&[SIGNER, Field::All(REPLAY), Field::All(AUTH)]);
const REPLAY_VOTE: &[Field<'_>] = &[NUMBER, DIGEST];
const REPLAY_VOTES: Field<'_> =
    Field::Times(MAX_REPLICAS, &[SIGNER, Field::All(REPLAY_VOTE), Field::All(AUTH)]);
const REPORT: &[Field<'_>] = &[NUMBER, SHORT, Field::Maybe(&[SIGNED_REPLAY, REPLAY_VOTES])];
const CERTIFICATE: &[Field<'_>] =
    &[Field::Either(&[&[SIGNED_PROPOSAL, SIGNED_VOTES], &[SIGNED_PROPOSAL, SIGNED_VOTES]])];
const RB_INIT: &[Field<'_>] = &[NUMBER, SHORT, Field::Either(&[REPORT, CERTIFICATE])];
const RB_VOTE: &[Field<'_>] = &[REPLICA, NUMBER, SHORT, DIGEST];
const BOUND: &[Field<'_>] = &[NUMBER, DIGEST];
const RESOLUTION: &[Field<'_>] = &[NUMBER, Field::Times(MAX_REPLAY, &[Field::Maybe(BOUND)])];
const STATE: &[Field<'_>] = &[NUMBER, DIGEST, NUMBER];
const CHECKPOINTS: Field<'_> =
    Field::Times(MAX_REPLICAS, &[SIGNER, Field::All(STATE), Field::All(AUTH)]);

/// All kinds of messages; a kind's position is its tag.
const KINDS: &[Kind<'_>] = &[
    Kind { body: PO_REQUEST, build: |s| s.signed(po_request).map(Message::PoRequest) },
    Kind { body: PO_ACKS, build: |s| s.signed(po_acks).map(Message::PoAcks) },
    Kind { body: PO_ARU, build: |s| s.signed(po_aru).map(Message::PoAru) },
    Kind {
        body: &[SIGNED_REQUEST, SIGNED_REQUEST],
        build: |s| s.signed(po_request_conflict).map(Message::PoRequestConflict),
    },
    Kind {
        body: &[SIGNED_ARU, SIGNED_ARU],
        build: |s| s.signed(po_aru_conflict).map(Message::PoAruConflict),
    },
    Kind { body: MATRIX, build: |s| s.signed(proof_matrix).map(Message::ProofMatrix) },
    Kind { body: PRE_PREPARE, build: |s| s.signed(pre_prepare).map(Message::PrePrepare) },
    Kind { body: VOTE, build: |s| s.signed(prepare).map(Message::Prepare) },
    Kind { body: VOTE, build: |s| s.signed(commit).map(Message::Commit) },
    Kind {
        body: &[SIGNED_PROPOSAL, SIGNED_PROPOSAL],
        build: |s| s.signed(pre_prepare_conflict).map(Message::PrePrepareConflict),
    },
    Kind { body: RECON, build: |s| s.signed(recon).map(Message::Recon) },
    Kind {
        body: &[REPLICA, NUMBER],
        build: |s| s.signed(recon_request).map(Message::ReconRequest),
    },
    Kind {
        body: &[NUMBER, NUMBER, NUMBER, NUMBER],
        build: |s| s.signed(catch_up_request).map(Message::CatchUpRequest),
    },
    Kind {
        body: &[SIGNED_PROPOSAL, SIGNED_VOTES],
        build: |s| s.signed(ordered_certificate).map(Message::OrderedCertificate),
    },
    Kind { body: &[NUMBER, NUMBER], build: |s| s.signed(rtt_ping).map(Message::RttPing) },
    Kind { body: &[NUMBER, REPLICA, NUMBER], build: |s| s.signed(rtt_pong).map(Message::RttPong) },
    Kind {
        body: &[NUMBER, REPLICA, NUMBER],
        build: |s| s.signed(rtt_measure).map(Message::RttMeasure),
    },
    Kind { body: &[NUMBER, NUMBER], build: |s| s.signed(tat_ub).map(Message::TatUb) },
    Kind { body: &[NUMBER, NUMBER], build: |s| s.signed(tat_measure).map(Message::TatMeasure) },
    Kind { body: &[NUMBER], build: |s| s.signed(new_leader).map(Message::NewLeader) },
    Kind {
        body: &[NEW_LEADERS],
        build: |s| s.signed(new_leader_proof).map(Message::NewLeaderProof),
    },
    Kind { body: RB_INIT, build: |s| s.signed(rb_init).map(Message::RbInit) },
    Kind { body: RB_VOTE, build: |s| s.signed(rb_echo).map(Message::RbEcho) },
    Kind { body: RB_VOTE, build: |s| s.signed(rb_ready).map(Message::RbReady) },
    Kind { body: RB_VOTE, build: |s| s.signed(rb_request).map(Message::RbRequest) },
    Kind { body: &[NUMBER, IDS], build: |s| s.signed(vc_list).map(Message::VcList) },
    Kind { body: PARTIAL, build: |s| s.signed(vc_partial_sig).map(Message::VcPartialSig) },
    Kind { body: REPLAY, build: |s| s.signed(vc_proof).map(Message::VcProof) },
    Kind { body: REPLAY, build: |s| s.signed(replay).map(Message::Replay) },
    Kind { body: REPLAY_VOTE, build: |s| s.signed(replay_prepare).map(Message::ReplayPrepare) },
    Kind { body: REPLAY_VOTE, build: |s| s.signed(replay_commit).map(Message::ReplayCommit) },
    Kind {
        body: &[SIGNED_REPLAY, SIGNED_REPLAY],
        build: |s| s.signed(replay_conflict).map(Message::ReplayConflict),
    },
    Kind {
        body: &[SIGNED_REPLAY, REPLAY_VOTES, Field::All(RESOLUTION)],
        build: |s| s.signed(install_certificate).map(Message::InstallCertificate),
    },
    Kind {
        body: &[DIGEST],
        build: |s| s.signed(resolution_request).map(Message::ResolutionRequest),
    },
    Kind {
        body: RESOLUTION,
        build: |s| s.signed(resolution_answer).map(Message::ResolutionAnswer),
    },
    Kind {
        body: &[NUMBER, Field::All(BOUND)],
        build: |s| s.signed(proposal_request).map(Message::ProposalRequest),
    },
    Kind { body: STATE, build: |s| s.signed(checkpoint).map(Message::Checkpoint) },
    Kind {
        body: &[CHECKPOINTS, Field::All(MATRIX)],
        build: |s| s.signed(checkpoint_proof).map(Message::CheckpointProof),
    },
    Kind {
        body: &[Field::All(STATE), SHORT],
        build: |s| s.signed(state_request).map(Message::StateRequest),
    },
    Kind {
        body: &[Field::All(STATE), SHORT, Field::Bytes(CHUNK), PATH],
        build: |s| s.signed(state_chunk).map(Message::StateChunk),
    },
];

// ---- First pass ----

/// A stretch of layout still to be walked.
#[derive(Clone, Copy)]
struct Stretch<'a> {
    /// What is left of the current round.
    fields: &'a [Field<'a>],
    /// A whole round.
    round: &'a [Field<'a>],
    /// Rounds after the current one.
    rounds: usize,
}

/// Whether `bytes` are `layout` and nothing beyond.
fn conforms(bytes: &[u8], layout: &[Field<'_>]) -> bool {
    walk(bytes, layout).is_some_and(<[u8]>::is_empty)
}

/// What `bytes` have left after `layout`. The stack is as deep as layouts are nested.
fn walk<'b>(bytes: &'b [u8], layout: &[Field<'_>]) -> Option<&'b [u8]> {
    let mut source = Source { left: bytes };
    let mut stack = vec![Stretch { fields: layout, round: layout, rounds: 0 }];
    while let Some(top) = stack.pop() {
        let Some((field, fields)) = top.fields.split_first() else {
            if let Some(rounds) = top.rounds.checked_sub(1) {
                stack.push(Stretch { fields: top.round, round: top.round, rounds });
            }
            continue;
        };
        stack.push(Stretch { fields, ..top });
        let (round, rounds) = match *field {
            Field::Plain(length) => {
                source.skip(length)?;
                continue;
            }
            Field::Bytes(cap) => {
                let length = source.count(cap)?;
                source.skip(length)?;
                continue;
            }
            Field::Times(cap, item) => (item, source.count(cap)?),
            Field::Maybe(item) => (item, usize::from(source.flag()?)),
            Field::Either(choices) => (*choices.get(usize::from(source.byte()?))?, 1),
            Field::All(item) => (item, 1),
        };
        if let Some(rounds) = rounds.checked_sub(1) {
            stack.push(Stretch { fields: round, round, rounds });
        }
    }
    Some(source.left)
}

// ---- Second pass: the primitives ----

/// Bytes not used yet.
struct Source<'a> {
    left: &'a [u8],
}

/// Most memory reserved ahead of a list's items. Unit: bytes.
const AHEAD: usize = 4096;

impl<'a> Source<'a> {
    fn skip(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, left) = self.left.split_at_checked(length)?;
        self.left = left;
        Some(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, left) = self.left.split_first_chunk::<N>()?;
        self.left = left;
        Some(*taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.fixed::<1>().map(|[byte]| byte)
    }

    /// A byte that is 0 or 1.
    fn flag(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn short(&mut self) -> Option<u32> {
        self.fixed().map(u32::from_le_bytes)
    }

    fn number(&mut self) -> Option<u64> {
        self.fixed().map(u64::from_le_bytes)
    }

    /// A count up to `cap`.
    fn count(&mut self, cap: usize) -> Option<usize> {
        usize::try_from(self.short()?).ok().filter(|count| *count <= cap)
    }

    fn replica(&mut self) -> Option<ReplicaId> {
        self.fixed().map(u16::from_le_bytes).map(ReplicaId)
    }

    fn view(&mut self) -> Option<View> {
        self.number().map(View)
    }

    fn seq(&mut self) -> Option<Seq> {
        self.number().map(Seq)
    }

    fn po_seq(&mut self) -> Option<PoSeq> {
        self.number().map(PoSeq)
    }

    fn digest(&mut self) -> Option<Digest> {
        self.fixed().map(Digest)
    }

    fn point(&mut self) -> Option<Point> {
        self.fixed().map(Point)
    }

    fn blob<const MAX: usize>(&mut self) -> Option<Blob<MAX>> {
        let length = self.count(MAX)?;
        Blob::new(self.skip(length)?.to_vec()).ok()
    }

    fn list<T, const MAX: usize>(
        &mut self,
        item: impl Fn(&mut Self) -> Option<T>,
    ) -> Option<List<T, MAX>> {
        let count = self.count(MAX)?;
        let affordable = AHEAD.checked_div(size_of::<T>()).unwrap_or(AHEAD);
        let mut items = Vec::with_capacity(count.min(affordable));
        while items.len() < count {
            items.push(item(self)?);
        }
        List::new(items).ok()
    }

    fn maybe<T>(&mut self, item: impl Fn(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.flag()? { item(self).map(Some) } else { Some(None) }
    }

    fn auth(&mut self) -> Option<Auth> {
        let signature = Signature(self.fixed()?);
        let index = self.short()?;
        let path = self.list(Self::digest)?;
        Some(Auth { signature, index, path })
    }

    /// A message that a server signed.
    fn signed<T: Signable<Signer = ReplicaId>>(
        &mut self,
        body: impl Fn(&mut Self) -> Option<T>,
    ) -> Option<Signed<T>> {
        let signer = self.replica()?;
        let body = body(self)?;
        let auth = self.auth()?;
        Some(Signed { signer, body, auth })
    }

    /// Messages that servers signed.
    fn all_signed<T: Signable<Signer = ReplicaId>, const MAX: usize>(
        &mut self,
        body: impl Fn(&mut Self) -> Option<T>,
    ) -> Option<List<Signed<T>, MAX>> {
        self.list(|s| s.signed(&body))
    }
}

// ---- Second pass: the bodies, fields in the order of their encoding ----

fn update(s: &mut Source<'_>) -> Option<Signed<Update>> {
    let signer = ClientId(s.short()?);
    let seq = ClientSeq(s.number()?);
    let payload = s.blob()?;
    let auth = s.auth()?;
    Some(Signed { signer, body: Update { seq, payload }, auth })
}

fn po_request(s: &mut Source<'_>) -> Option<PoRequest> {
    let seq = s.po_seq()?;
    let updates = s.list(update)?;
    Some(PoRequest { seq, updates })
}

fn po_ack(s: &mut Source<'_>) -> Option<PoAck> {
    let originator = s.replica()?;
    let seq = s.po_seq()?;
    let digest = s.digest()?;
    Some(PoAck { originator, seq, digest })
}

fn po_acks(s: &mut Source<'_>) -> Option<PoAcks> {
    s.list(po_ack).map(|acks| PoAcks { acks })
}

fn po_aru(s: &mut Source<'_>) -> Option<PoAru> {
    s.list(|s| s.po_seq()).map(|vec| PoAru { vec })
}

fn po_request_conflict(s: &mut Source<'_>) -> Option<PoRequestConflict> {
    let first = s.signed(po_request)?;
    let second = s.signed(po_request)?;
    Some(PoRequestConflict { first, second })
}

fn po_aru_conflict(s: &mut Source<'_>) -> Option<PoAruConflict> {
    let first = s.signed(po_aru)?;
    let second = s.signed(po_aru)?;
    Some(PoAruConflict { first, second })
}

fn matrix(s: &mut Source<'_>) -> Option<Matrix> {
    s.list(|s| s.maybe(|s| s.signed(po_aru))).map(|rows| Matrix { rows })
}

fn proof_matrix(s: &mut Source<'_>) -> Option<ProofMatrix> {
    matrix(s).map(|matrix| ProofMatrix { matrix })
}

fn pre_prepare(s: &mut Source<'_>) -> Option<PrePrepare> {
    let view = s.view()?;
    let seq = s.seq()?;
    let matrix = matrix(s)?;
    Some(PrePrepare { view, seq, matrix })
}

fn prepare(s: &mut Source<'_>) -> Option<Prepare> {
    let view = s.view()?;
    let seq = s.seq()?;
    let digest = s.digest()?;
    Some(Prepare { view, seq, digest })
}

fn commit(s: &mut Source<'_>) -> Option<Commit> {
    let view = s.view()?;
    let seq = s.seq()?;
    let digest = s.digest()?;
    Some(Commit { view, seq, digest })
}

fn pre_prepare_conflict(s: &mut Source<'_>) -> Option<PrePrepareConflict> {
    let first = s.signed(pre_prepare)?;
    let second = s.signed(pre_prepare)?;
    Some(PrePrepareConflict { first, second })
}

fn recon(s: &mut Source<'_>) -> Option<Recon> {
    let originator = s.replica()?;
    let seq = s.po_seq()?;
    let digest = s.digest()?;
    let root = s.digest()?;
    let length = s.short()?;
    let part = s.blob()?;
    let path = s.list(Source::digest)?;
    Some(Recon { originator, seq, digest, root, length, part, path })
}

fn recon_request(s: &mut Source<'_>) -> Option<ReconRequest> {
    let originator = s.replica()?;
    let seq = s.po_seq()?;
    Some(ReconRequest { originator, seq })
}

fn catch_up_request(s: &mut Source<'_>) -> Option<CatchUpRequest> {
    let view = s.view()?;
    let installed = s.view()?;
    let ordered = s.seq()?;
    let executed = s.seq()?;
    Some(CatchUpRequest { view, installed, ordered, executed })
}

fn ordered_certificate(s: &mut Source<'_>) -> Option<OrderedCertificate> {
    let pre_prepare = s.signed(pre_prepare)?;
    let commits = s.all_signed(commit)?;
    Some(OrderedCertificate { pre_prepare, commits })
}

fn rtt_ping(s: &mut Source<'_>) -> Option<RttPing> {
    let view = s.view()?;
    let seq = s.number()?;
    Some(RttPing { view, seq })
}

fn rtt_pong(s: &mut Source<'_>) -> Option<RttPong> {
    let view = s.view()?;
    let pinger = s.replica()?;
    let seq = s.number()?;
    Some(RttPong { view, pinger, seq })
}

fn rtt_measure(s: &mut Source<'_>) -> Option<RttMeasure> {
    let view = s.view()?;
    let to = s.replica()?;
    let rtt = s.number()?;
    Some(RttMeasure { view, to, rtt })
}

fn tat_ub(s: &mut Source<'_>) -> Option<TatUb> {
    let view = s.view()?;
    let alpha = s.number()?;
    Some(TatUb { view, alpha })
}

fn tat_measure(s: &mut Source<'_>) -> Option<TatMeasure> {
    let view = s.view()?;
    let tat = s.number()?;
    Some(TatMeasure { view, tat })
}

fn new_leader(s: &mut Source<'_>) -> Option<NewLeader> {
    s.view().map(|view| NewLeader { view })
}

fn new_leader_proof(s: &mut Source<'_>) -> Option<NewLeaderProof> {
    s.all_signed(new_leader).map(|votes| NewLeaderProof { votes })
}

fn replay_certificate(s: &mut Source<'_>) -> Option<ReplayCertificate> {
    let replay = s.signed(replay)?;
    let prepares = s.all_signed(replay_prepare)?;
    Some(ReplayCertificate { replay, prepares })
}

fn report(s: &mut Source<'_>) -> Option<Report> {
    let executed = s.seq()?;
    let count = s.short()?;
    let replay = s.maybe(replay_certificate)?;
    Some(Report { executed, count, replay })
}

fn certificate(s: &mut Source<'_>) -> Option<Certificate> {
    let committed = s.flag()?;
    let proposal = s.signed(pre_prepare)?;
    if committed {
        s.all_signed(commit).map(|votes| Certificate::Committed(proposal, votes))
    } else {
        s.all_signed(prepare).map(|votes| Certificate::Prepared(proposal, votes))
    }
}

fn payload(s: &mut Source<'_>) -> Option<Payload> {
    if s.flag()? { certificate(s).map(Payload::Entry) } else { report(s).map(Payload::Report) }
}

fn rb_init(s: &mut Source<'_>) -> Option<RbInit> {
    let view = s.view()?;
    let seq = s.short()?;
    let payload = payload(s)?;
    Some(RbInit { view, seq, payload })
}

/// What names a broadcast, and its digest: all votes on broadcasts look like this.
fn broadcast(s: &mut Source<'_>) -> Option<(ReplicaId, View, u32, Digest)> {
    let originator = s.replica()?;
    let view = s.view()?;
    let seq = s.short()?;
    let digest = s.digest()?;
    Some((originator, view, seq, digest))
}

fn rb_echo(s: &mut Source<'_>) -> Option<RbEcho> {
    let (originator, view, seq, digest) = broadcast(s)?;
    Some(RbEcho { originator, view, seq, digest })
}

fn rb_ready(s: &mut Source<'_>) -> Option<RbReady> {
    let (originator, view, seq, digest) = broadcast(s)?;
    Some(RbReady { originator, view, seq, digest })
}

fn rb_request(s: &mut Source<'_>) -> Option<RbRequest> {
    let (originator, view, seq, digest) = broadcast(s)?;
    Some(RbRequest { originator, view, seq, digest })
}

fn vc_list(s: &mut Source<'_>) -> Option<VcList> {
    let view = s.view()?;
    let ids = s.list(Source::replica)?;
    Some(VcList { view, ids })
}

fn constraint(s: &mut Source<'_>) -> Option<Constraint> {
    let view = s.view()?;
    let ids = s.list(Source::replica)?;
    let base = s.seq()?;
    let start_seq = s.seq()?;
    let resolution = s.digest()?;
    Some(Constraint { view, ids, base, start_seq, resolution })
}

fn vc_partial_sig(s: &mut Source<'_>) -> Option<VcPartialSig> {
    let constraint = constraint(s)?;
    let share = s.maybe(Source::point)?;
    Some(VcPartialSig { constraint, share })
}

fn proof(s: &mut Source<'_>) -> Option<Proof> {
    if s.flag()? {
        s.point().map(Proof::Threshold)
    } else {
        s.all_signed(vc_partial_sig).map(Proof::Certificate)
    }
}

fn vc_proof(s: &mut Source<'_>) -> Option<VcProof> {
    let constraint = constraint(s)?;
    let proof = proof(s)?;
    Some(VcProof { constraint, proof })
}

fn replay(s: &mut Source<'_>) -> Option<Replay> {
    let constraint = constraint(s)?;
    let proof = proof(s)?;
    Some(Replay { constraint, proof })
}

fn replay_prepare(s: &mut Source<'_>) -> Option<ReplayPrepare> {
    let view = s.view()?;
    let digest = s.digest()?;
    Some(ReplayPrepare { view, digest })
}

fn replay_commit(s: &mut Source<'_>) -> Option<ReplayCommit> {
    let view = s.view()?;
    let digest = s.digest()?;
    Some(ReplayCommit { view, digest })
}

fn replay_conflict(s: &mut Source<'_>) -> Option<ReplayConflict> {
    let first = s.signed(replay)?;
    let second = s.signed(replay)?;
    Some(ReplayConflict { first, second })
}

fn bound(s: &mut Source<'_>) -> Option<Bound> {
    let view = s.view()?;
    let digest = s.digest()?;
    Some(Bound { view, digest })
}

fn resolution(s: &mut Source<'_>) -> Option<Resolution> {
    let base = s.seq()?;
    let entries = s.list(|s| s.maybe(bound))?;
    Some(Resolution { base, entries })
}

fn install_certificate(s: &mut Source<'_>) -> Option<InstallCertificate> {
    let replay = s.signed(replay)?;
    let commits = s.all_signed(replay_commit)?;
    let resolution = resolution(s)?;
    Some(InstallCertificate { replay, commits, resolution })
}

fn resolution_request(s: &mut Source<'_>) -> Option<ResolutionRequest> {
    s.digest().map(|digest| ResolutionRequest { digest })
}

fn resolution_answer(s: &mut Source<'_>) -> Option<ResolutionAnswer> {
    resolution(s).map(|resolution| ResolutionAnswer { resolution })
}

fn proposal_request(s: &mut Source<'_>) -> Option<ProposalRequest> {
    let seq = s.seq()?;
    let bound = bound(s)?;
    Some(ProposalRequest { seq, bound })
}

fn state_id(s: &mut Source<'_>) -> Option<StateId> {
    let seq = s.seq()?;
    let root = s.digest()?;
    let length = s.number()?;
    Some(StateId { seq, root, length })
}

fn checkpoint(s: &mut Source<'_>) -> Option<Checkpoint> {
    state_id(s).map(|state| Checkpoint { state })
}

fn checkpoint_proof(s: &mut Source<'_>) -> Option<CheckpointProof> {
    let checkpoints = s.all_signed(checkpoint)?;
    let preceding = matrix(s)?;
    Some(CheckpointProof { checkpoints, preceding })
}

fn state_request(s: &mut Source<'_>) -> Option<StateRequest> {
    let state = state_id(s)?;
    let index = s.short()?;
    Some(StateRequest { state, index })
}

fn state_chunk(s: &mut Source<'_>) -> Option<StateChunk> {
    let state = state_id(s)?;
    let index = s.short()?;
    let bytes = s.blob()?;
    let path = s.list(Source::digest)?;
    Some(StateChunk { state, index, bytes, path })
}
