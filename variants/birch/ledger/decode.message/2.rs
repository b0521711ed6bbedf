//! Bytes to one message, by parser combinators.
//!
//! A parser is a function from what is left of the input to a value and what is left after it, or
//! nothing. All parsers below are made of three that look at bytes ([`array`], [`tag`] and the
//! slice within [`blob`]) and of the combinators of [`Parser`]; what is left over at the end is
//! looked at once, in [`message`].

use std::iter;
use wire::codec::MAX_MESSAGE;
use wire::prime::{
    Bound, CatchUpRequest, Certificate, Checkpoint, CheckpointProof, Commit, Constraint,
    InstallCertificate, Matrix, Message, NewLeader, NewLeaderProof, OrderedCertificate, Payload,
    PoAck, PoAcks, PoAru, PoAruConflict, PoRequest, PoRequestConflict, PrePrepare,
    PrePrepareConflict, Prepare, Proof, ProofMatrix, ProposalRequest, RbEcho, RbInit, RbReady,
    RbRequest, Recon, ReconRequest, Replay, ReplayCertificate, ReplayCommit, ReplayConflict,
    ReplayPrepare, Report, Resolution, ResolutionAnswer, ResolutionRequest, RttMeasure, RttPing,
    RttPong, StateChunk, StateId, StateRequest, TatMeasure, TatUb, VcList, VcPartialSig, VcProof,
};
use wire::{
    Auth, Blob, ClientId, ClientSeq, Digest, List, PoSeq, Point, Reject, ReplicaId, Seq, Signable,
    Signature, Signed, Update, View,
};

/// A value and what is left of the input after it.
type Step<'a, T> = Option<(T, &'a [u8])>;

/// Parses one kind of message, behind its tag.
type Kind = for<'a> fn(&'a [u8]) -> Step<'a, Message>;

/// How parsers are joined. Every function of the right type is a parser.
trait Parser<'a, T>: Fn(&'a [u8]) -> Step<'a, T> + Sized {
    /// Applies this parser.
    fn run(&self, rest: &'a [u8]) -> Step<'a, T> {
        self(rest)
    }

    /// This, then `next`: both values.
    fn and<U>(self, next: impl Parser<'a, U>) -> impl Parser<'a, (T, U)> {
        move |rest: &'a [u8]| {
            self(rest)
                .and_then(|(first, rest)| next(rest).map(|(second, rest)| ((first, second), rest)))
        }
    }

    /// This, or `other` on the same input.
    fn or(self, other: impl Parser<'a, T>) -> impl Parser<'a, T> {
        move |rest: &'a [u8]| self(rest).or_else(|| other(rest))
    }

    /// The value of this, made into something else.
    fn make<U>(self, into: impl Fn(T) -> U) -> impl Parser<'a, U> {
        move |rest: &'a [u8]| self(rest).map(|(value, rest)| (into(value), rest))
    }

    /// The value of this, made into something else unless that is impossible.
    fn turn<U>(self, into: impl Fn(T) -> Option<U>) -> impl Parser<'a, U> {
        move |rest: &'a [u8]| {
            self(rest).and_then(|(value, rest)| into(value).map(|value| (value, rest)))
        }
    }

    /// This, then the parser that its value chooses.
    fn bind<U, P: Parser<'a, U>>(self, choose: impl Fn(T) -> P) -> impl Parser<'a, U> {
        move |rest: &'a [u8]| self(rest).and_then(|(value, rest)| choose(value).run(rest))
    }
}

impl<'a, T, F: Fn(&'a [u8]) -> Step<'a, T>> Parser<'a, T> for F {}

/// Decodes one message of Prime; see the slot's contract.
pub fn message(bytes: &[u8]) -> Result<Message, Reject> {
    Some(bytes)
        .filter(|all| all.len() <= MAX_MESSAGE)
        .and_then(|all| any_kind.run(all))
        .filter(|(_, rest)| rest.is_empty())
        .map(|(message, _)| message)
        .ok_or(Reject::Malformed)
}

// ---- what looks at bytes ----

/// The next `N` bytes.
fn array<const N: usize>(rest: &[u8]) -> Step<'_, [u8; N]> {
    rest.split_first_chunk().map(|(head, rest)| (*head, rest))
}

/// Exactly this byte.
fn tag<'a>(expected: u8) -> impl Parser<'a, ()> {
    move |rest: &'a [u8]| rest.strip_prefix(&[expected]).map(|rest| ((), rest))
}

/// `item` behind this byte.
fn tagged<'a, T>(expected: u8, item: impl Parser<'a, T>) -> impl Parser<'a, T> {
    tag(expected).and(item).make(|((), value)| value)
}

/// A `u32` count and that many bytes, at most `MAX`. They are there before they are copied.
fn blob<const MAX: usize>(rest: &[u8]) -> Step<'_, Blob<MAX>> {
    count(MAX)
        .bind(|length| move |rest| <[u8]>::split_at_checked(rest, length))
        .turn(|bytes| Blob::new(bytes.to_vec()).ok())
        .run(rest)
}

// ---- numbers and names ----

fn short(rest: &[u8]) -> Step<'_, u16> {
    array.make(u16::from_le_bytes).run(rest)
}

fn word(rest: &[u8]) -> Step<'_, u32> {
    array.make(u32::from_le_bytes).run(rest)
}

fn long(rest: &[u8]) -> Step<'_, u64> {
    array.make(u64::from_le_bytes).run(rest)
}

/// A `u32` count, at most `cap`.
fn count<'a>(cap: usize) -> impl Parser<'a, usize> {
    word.turn(move |count| usize::try_from(count).ok().filter(|count| *count <= cap))
}

fn replica(rest: &[u8]) -> Step<'_, ReplicaId> {
    short.make(ReplicaId).run(rest)
}

fn client(rest: &[u8]) -> Step<'_, ClientId> {
    word.make(ClientId).run(rest)
}

fn client_seq(rest: &[u8]) -> Step<'_, ClientSeq> {
    long.make(ClientSeq).run(rest)
}

fn view(rest: &[u8]) -> Step<'_, View> {
    long.make(View).run(rest)
}

fn seq(rest: &[u8]) -> Step<'_, Seq> {
    long.make(Seq).run(rest)
}

fn po_seq(rest: &[u8]) -> Step<'_, PoSeq> {
    long.make(PoSeq).run(rest)
}

fn digest(rest: &[u8]) -> Step<'_, Digest> {
    array.make(Digest).run(rest)
}

fn signature(rest: &[u8]) -> Step<'_, Signature> {
    array.make(Signature).run(rest)
}

fn point(rest: &[u8]) -> Step<'_, Point> {
    array.make(Point).run(rest)
}

// ---- what holds other things ----

/// Nothing behind 0, or `item` behind 1.
fn optional<'a, T>(item: impl Parser<'a, T>) -> impl Parser<'a, Option<T>> {
    tag(0).make(|()| None).or(tagged(1, item).make(Some))
}

/// A `u32` count and that many items, at most `MAX`. The list grows as items are parsed.
fn list<'a, T, const MAX: usize>(item: impl Parser<'a, T>) -> impl Parser<'a, List<T, MAX>> {
    let items = move |rest: &'a [u8]| {
        count(MAX).run(rest).and_then(|(count, rest)| {
            iter::repeat_n(&item, count).try_fold((Vec::new(), rest), |(mut items, rest), item| {
                item(rest).map(|(value, rest)| {
                    items.push(value);
                    (items, rest)
                })
            })
        })
    };
    items.turn(|items| List::new(items).ok())
}

fn auth(rest: &[u8]) -> Step<'_, Auth> {
    signature
        .and(word)
        .and(list(digest))
        .make(|((signature, index), path)| Auth { signature, index, path })
        .run(rest)
}

/// Signer, body and authenticator.
fn signed<'a, T: Signable>(
    signer: impl Parser<'a, T::Signer>,
    body: impl Parser<'a, T>,
) -> impl Parser<'a, Signed<T>> {
    signer
        .and(body)
        .and(auth)
        .make(|((signer, body), auth)| Signed { signer, body, auth })
}

/// As [`signed`], by a server.
fn sealed<'a, T: Signable<Signer = ReplicaId>>(
    body: impl Parser<'a, T>,
) -> impl Parser<'a, Signed<T>> {
    signed(replica, body)
}

// ---- pre-ordering ----

fn update(rest: &[u8]) -> Step<'_, Update> {
    client_seq.and(blob).make(|(seq, payload)| Update { seq, payload }).run(rest)
}

fn po_request(rest: &[u8]) -> Step<'_, PoRequest> {
    po_seq
        .and(list(signed(client, update)))
        .make(|(seq, updates)| PoRequest { seq, updates })
        .run(rest)
}

fn po_ack(rest: &[u8]) -> Step<'_, PoAck> {
    replica
        .and(po_seq)
        .and(digest)
        .make(|((originator, seq), digest)| PoAck { originator, seq, digest })
        .run(rest)
}

fn po_acks(rest: &[u8]) -> Step<'_, PoAcks> {
    list(po_ack).make(|acks| PoAcks { acks }).run(rest)
}

fn po_aru(rest: &[u8]) -> Step<'_, PoAru> {
    list(po_seq).make(|vec| PoAru { vec }).run(rest)
}

fn po_request_conflict(rest: &[u8]) -> Step<'_, PoRequestConflict> {
    sealed(po_request)
        .and(sealed(po_request))
        .make(|(first, second)| PoRequestConflict { first, second })
        .run(rest)
}

fn po_aru_conflict(rest: &[u8]) -> Step<'_, PoAruConflict> {
    sealed(po_aru)
        .and(sealed(po_aru))
        .make(|(first, second)| PoAruConflict { first, second })
        .run(rest)
}

fn matrix(rest: &[u8]) -> Step<'_, Matrix> {
    list(optional(sealed(po_aru))).make(|rows| Matrix { rows }).run(rest)
}

fn proof_matrix(rest: &[u8]) -> Step<'_, ProofMatrix> {
    matrix.make(|matrix| ProofMatrix { matrix }).run(rest)
}

// ---- ordering ----

fn pre_prepare(rest: &[u8]) -> Step<'_, PrePrepare> {
    view.and(seq)
        .and(matrix)
        .make(|((view, seq), matrix)| PrePrepare { view, seq, matrix })
        .run(rest)
}

fn prepare(rest: &[u8]) -> Step<'_, Prepare> {
    view.and(seq)
        .and(digest)
        .make(|((view, seq), digest)| Prepare { view, seq, digest })
        .run(rest)
}

fn commit(rest: &[u8]) -> Step<'_, Commit> {
    view.and(seq)
        .and(digest)
        .make(|((view, seq), digest)| Commit { view, seq, digest })
        .run(rest)
}

fn pre_prepare_conflict(rest: &[u8]) -> Step<'_, PrePrepareConflict> {
    sealed(pre_prepare)
        .and(sealed(pre_prepare))
        .make(|(first, second)| PrePrepareConflict { first, second })
        .run(rest)
}

// ---- reconciliation and catching up ----

fn recon(rest: &[u8]) -> Step<'_, Recon> {
    let whose = replica.and(po_seq).and(digest);
    let part = digest.and(word).and(blob).and(list(digest));
    whose
        .and(part)
        .make(|(((originator, seq), digest), (((root, length), part), path))| Recon {
            originator,
            seq,
            digest,
            root,
            length,
            part,
            path,
        })
        .run(rest)
}

fn recon_request(rest: &[u8]) -> Step<'_, ReconRequest> {
    replica.and(po_seq).make(|(originator, seq)| ReconRequest { originator, seq }).run(rest)
}

fn catch_up_request(rest: &[u8]) -> Step<'_, CatchUpRequest> {
    view.and(view)
        .and(seq.and(seq))
        .make(|((view, installed), (ordered, executed))| CatchUpRequest {
            view,
            installed,
            ordered,
            executed,
        })
        .run(rest)
}

fn ordered_certificate(rest: &[u8]) -> Step<'_, OrderedCertificate> {
    sealed(pre_prepare)
        .and(list(sealed(commit)))
        .make(|(pre_prepare, commits)| OrderedCertificate { pre_prepare, commits })
        .run(rest)
}

// ---- monitoring the leader ----

fn rtt_ping(rest: &[u8]) -> Step<'_, RttPing> {
    view.and(long).make(|(view, seq)| RttPing { view, seq }).run(rest)
}

fn rtt_pong(rest: &[u8]) -> Step<'_, RttPong> {
    view.and(replica)
        .and(long)
        .make(|((view, pinger), seq)| RttPong { view, pinger, seq })
        .run(rest)
}

fn rtt_measure(rest: &[u8]) -> Step<'_, RttMeasure> {
    view.and(replica)
        .and(long)
        .make(|((view, to), rtt)| RttMeasure { view, to, rtt })
        .run(rest)
}

fn tat_ub(rest: &[u8]) -> Step<'_, TatUb> {
    view.and(long).make(|(view, alpha)| TatUb { view, alpha }).run(rest)
}

fn tat_measure(rest: &[u8]) -> Step<'_, TatMeasure> {
    view.and(long).make(|(view, tat)| TatMeasure { view, tat }).run(rest)
}

fn new_leader(rest: &[u8]) -> Step<'_, NewLeader> {
    view.make(|view| NewLeader { view }).run(rest)
}

fn new_leader_proof(rest: &[u8]) -> Step<'_, NewLeaderProof> {
    list(sealed(new_leader)).make(|votes| NewLeaderProof { votes }).run(rest)
}

// ---- broadcasts of the view change ----

fn certificate(rest: &[u8]) -> Step<'_, Certificate> {
    let prepared = sealed(pre_prepare)
        .and(list(sealed(prepare)))
        .make(|(proposal, votes)| Certificate::Prepared(proposal, votes));
    let committed = sealed(pre_prepare)
        .and(list(sealed(commit)))
        .make(|(proposal, votes)| Certificate::Committed(proposal, votes));
    tagged(0, prepared).or(tagged(1, committed)).run(rest)
}

fn report(rest: &[u8]) -> Step<'_, Report> {
    seq.and(word)
        .and(optional(replay_certificate))
        .make(|((executed, count), replay)| Report { executed, count, replay })
        .run(rest)
}

fn payload(rest: &[u8]) -> Step<'_, Payload> {
    tagged(0, report.make(Payload::Report)).or(tagged(1, certificate.make(Payload::Entry))).run(rest)
}

fn rb_init(rest: &[u8]) -> Step<'_, RbInit> {
    view.and(word)
        .and(payload)
        .make(|((view, seq), payload)| RbInit { view, seq, payload })
        .run(rest)
}

/// Whose broadcast, in which view, which, and its digest.
fn broadcast(rest: &[u8]) -> Step<'_, ((ReplicaId, View), (u32, Digest))> {
    replica.and(view).and(word.and(digest)).run(rest)
}

fn rb_echo(rest: &[u8]) -> Step<'_, RbEcho> {
    broadcast
        .make(|((originator, view), (seq, digest))| RbEcho { originator, view, seq, digest })
        .run(rest)
}

fn rb_ready(rest: &[u8]) -> Step<'_, RbReady> {
    broadcast
        .make(|((originator, view), (seq, digest))| RbReady { originator, view, seq, digest })
        .run(rest)
}

fn rb_request(rest: &[u8]) -> Step<'_, RbRequest> {
    broadcast
        .make(|((originator, view), (seq, digest))| RbRequest { originator, view, seq, digest })
        .run(rest)
}

// ---- lists, constraints and replays ----

fn vc_list(rest: &[u8]) -> Step<'_, VcList> {
    view.and(list(replica)).make(|(view, ids)| VcList { view, ids }).run(rest)
}

fn constraint(rest: &[u8]) -> Step<'_, Constraint> {
    view.and(list(replica))
        .and(seq.and(seq))
        .and(digest)
        .make(|(((view, ids), (base, start_seq)), resolution)| Constraint {
            view,
            ids,
            base,
            start_seq,
            resolution,
        })
        .run(rest)
}

fn vc_partial_sig(rest: &[u8]) -> Step<'_, VcPartialSig> {
    constraint
        .and(optional(point))
        .make(|(constraint, share)| VcPartialSig { constraint, share })
        .run(rest)
}

fn proof(rest: &[u8]) -> Step<'_, Proof> {
    let partials = list(sealed(vc_partial_sig)).make(Proof::Certificate);
    tagged(0, partials).or(tagged(1, point.make(Proof::Threshold))).run(rest)
}

fn vc_proof(rest: &[u8]) -> Step<'_, VcProof> {
    constraint.and(proof).make(|(constraint, proof)| VcProof { constraint, proof }).run(rest)
}

fn replay(rest: &[u8]) -> Step<'_, Replay> {
    constraint.and(proof).make(|(constraint, proof)| Replay { constraint, proof }).run(rest)
}

fn replay_prepare(rest: &[u8]) -> Step<'_, ReplayPrepare> {
    view.and(digest).make(|(view, digest)| ReplayPrepare { view, digest }).run(rest)
}

fn replay_commit(rest: &[u8]) -> Step<'_, ReplayCommit> {
    view.and(digest).make(|(view, digest)| ReplayCommit { view, digest }).run(rest)
}

fn replay_certificate(rest: &[u8]) -> Step<'_, ReplayCertificate> {
    sealed(replay)
        .and(list(sealed(replay_prepare)))
        .make(|(replay, prepares)| ReplayCertificate { replay, prepares })
        .run(rest)
}

fn replay_conflict(rest: &[u8]) -> Step<'_, ReplayConflict> {
    sealed(replay)
        .and(sealed(replay))
        .make(|(first, second)| ReplayConflict { first, second })
        .run(rest)
}

// ---- resolutions ----

fn bound(rest: &[u8]) -> Step<'_, Bound> {
    view.and(digest).make(|(view, digest)| Bound { view, digest }).run(rest)
}

fn resolution(rest: &[u8]) -> Step<'_, Resolution> {
    seq.and(list(optional(bound))).make(|(base, entries)| Resolution { base, entries }).run(rest)
}

fn install_certificate(rest: &[u8]) -> Step<'_, InstallCertificate> {
    sealed(replay)
        .and(list(sealed(replay_commit)))
        .and(resolution)
        .make(|((replay, commits), resolution)| InstallCertificate { replay, commits, resolution })
        .run(rest)
}

fn resolution_request(rest: &[u8]) -> Step<'_, ResolutionRequest> {
    digest.make(|digest| ResolutionRequest { digest }).run(rest)
}

fn resolution_answer(rest: &[u8]) -> Step<'_, ResolutionAnswer> {
    resolution.make(|resolution| ResolutionAnswer { resolution }).run(rest)
}

fn proposal_request(rest: &[u8]) -> Step<'_, ProposalRequest> {
    seq.and(bound).make(|(seq, bound)| ProposalRequest { seq, bound }).run(rest)
}

// ---- checkpoints and state transfer ----

fn state_id(rest: &[u8]) -> Step<'_, StateId> {
    seq.and(digest)
        .and(long)
        .make(|((seq, root), length)| StateId { seq, root, length })
        .run(rest)
}

fn checkpoint(rest: &[u8]) -> Step<'_, Checkpoint> {
    state_id.make(|state| Checkpoint { state }).run(rest)
}

fn checkpoint_proof(rest: &[u8]) -> Step<'_, CheckpointProof> {
    list(sealed(checkpoint))
        .and(matrix)
        .make(|(checkpoints, preceding)| CheckpointProof { checkpoints, preceding })
        .run(rest)
}

fn state_request(rest: &[u8]) -> Step<'_, StateRequest> {
    state_id.and(word).make(|(state, index)| StateRequest { state, index }).run(rest)
}

fn state_chunk(rest: &[u8]) -> Step<'_, StateChunk> {
    state_id
        .and(word)
        .and(blob.and(list(digest)))
        .make(|((state, index), (bytes, path))| StateChunk { state, index, bytes, path })
        .run(rest)
}

// ---- the sum ----

/// One tag and the message of that kind. The tag is the kind's place among [`KINDS`].
fn any_kind(rest: &[u8]) -> Step<'_, Message> {
    array
        .turn(|[tag]: [u8; 1]| KINDS.into_iter().nth(usize::from(tag)))
        .bind(|kind| kind)
        .run(rest)
}

/// All kinds of messages, in order of their tags.
const KINDS: [Kind; 40] = [
    |rest| sealed(po_request).make(Message::PoRequest).run(rest),
    |rest| sealed(po_acks).make(Message::PoAcks).run(rest),
    |rest| sealed(po_aru).make(Message::PoAru).run(rest),
    |rest| sealed(po_request_conflict).make(Message::PoRequestConflict).run(rest),
    |rest| sealed(po_aru_conflict).make(Message::PoAruConflict).run(rest),
    |rest| sealed(proof_matrix).make(Message::ProofMatrix).run(rest),
    |rest| sealed(pre_prepare).make(Message::PrePrepare).run(rest),
    |rest| sealed(prepare).make(Message::Prepare).run(rest),
    |rest| sealed(commit).make(Message::Commit).run(rest),
    |rest| sealed(pre_prepare_conflict).make(Message::PrePrepareConflict).run(rest),
    |rest| sealed(recon).make(Message::Recon).run(rest),
    |rest| sealed(recon_request).make(Message::ReconRequest).run(rest),
    |rest| sealed(catch_up_request).make(Message::CatchUpRequest).run(rest),
    |rest| sealed(ordered_certificate).make(Message::OrderedCertificate).run(rest),
    |rest| sealed(rtt_ping).make(Message::RttPing).run(rest),
    |rest| sealed(rtt_pong).make(Message::RttPong).run(rest),
    |rest| sealed(rtt_measure).make(Message::RttMeasure).run(rest),
    |rest| sealed(tat_ub).make(Message::TatUb).run(rest),
    |rest| sealed(tat_measure).make(Message::TatMeasure).run(rest),
    |rest| sealed(new_leader).make(Message::NewLeader).run(rest),
    |rest| sealed(new_leader_proof).make(Message::NewLeaderProof).run(rest),
    |rest| sealed(rb_init).make(Message::RbInit).run(rest),
    |rest| sealed(rb_echo).make(Message::RbEcho).run(rest),
    |rest| sealed(rb_ready).make(Message::RbReady).run(rest),
    |rest| sealed(rb_request).make(Message::RbRequest).run(rest),
    |rest| sealed(vc_list).make(Message::VcList).run(rest),
    |rest| sealed(vc_partial_sig).make(Message::VcPartialSig).run(rest),
    |rest| sealed(vc_proof).make(Message::VcProof).run(rest),
    |rest| sealed(replay).make(Message::Replay).run(rest),
    |rest| sealed(replay_prepare).make(Message::ReplayPrepare).run(rest),
    |rest| sealed(replay_commit).make(Message::ReplayCommit).run(rest),
    |rest| sealed(replay_conflict).make(Message::ReplayConflict).run(rest),
    |rest| sealed(install_certificate).make(Message::InstallCertificate).run(rest),
    |rest| sealed(resolution_request).make(Message::ResolutionRequest).run(rest),
    |rest| sealed(resolution_answer).make(Message::ResolutionAnswer).run(rest),
    |rest| sealed(proposal_request).make(Message::ProposalRequest).run(rest),
    |rest| sealed(checkpoint).make(Message::Checkpoint).run(rest),
    |rest| sealed(checkpoint_proof).make(Message::CheckpointProof).run(rest),
    |rest| sealed(state_request).make(Message::StateRequest).run(rest),
    |rest| sealed(state_chunk).make(Message::StateChunk).run(rest),
];
