//! Every state and message of the protocol, by its fields.

use super::structs::{enums, fields, states, structs};
use super::{Hand, Pools, Tree};
use prime::checkpoint::{Chunks, Journal, Mark, Snapshot, Transfer};
use prime::{
    broadcast, catch_up, checkpoint, execute, order, pre_order, recon, suspect, view_change,
};
use std::any::Any;
use std::sync::Arc;
use wire::auth::Context;
use wire::client::Outcome;
use wire::prime::*;
use wire::stub::Stub;
use wire::{Config, Record, ReplicaId, Seq, Signer, Update, Verified, View};

structs! {
    Update { seq, payload }
    PoRequest { seq, updates }
    PoAck { originator, seq, digest }
    PoAcks { acks }
    PoAru { vec }
    ProofMatrix { matrix }
    PrePrepare { view, seq, matrix }
    Prepare { view, seq, digest }
    Commit { view, seq, digest }
    PoRequestConflict { first, second }
    PoAruConflict { first, second }
    PrePrepareConflict { first, second }
    Recon { originator, seq, digest, root, length, part, path }
    ReconRequest { originator, seq }
    CatchUpRequest { view, installed, ordered, executed }
    OrderedCertificate { pre_prepare, commits }
    RttPing { view, seq }
    RttPong { view, pinger, seq }
    RttMeasure { view, to, rtt }
    TatUb { view, alpha }
    TatMeasure { view, tat }
    NewLeader { view }
    NewLeaderProof { votes }
    Report { executed, count, replay }
    RbInit { view, seq, payload }
    RbEcho { originator, view, seq, digest }
    RbReady { originator, view, seq, digest }
    RbRequest { originator, view, seq, digest }
    VcList { view, ids }
    VcPartialSig { constraint, share }
    VcProof { constraint, proof }
    Constraint { view, ids, base, start_seq, resolution }
    Replay { constraint, proof }
    ReplayPrepare { view, digest }
    ReplayCommit { view, digest }
    ReplayCertificate { replay, prepares }
    ReplayConflict { first, second }
    InstallCertificate { replay, commits, resolution }
    Resolution { base, entries }
    Bound { view, digest }
    ResolutionRequest { digest }
    ResolutionAnswer { resolution }
    ProposalRequest { seq, bound }
    StateId { seq, root, length }
    Checkpoint { state }
    CheckpointProof { checkpoints, preceding }
    StateRequest { state, index }
    StateChunk { state, index, bytes, path }

    broadcast::Tag { view, originator, seq }
    broadcast::Instance { init, echoes, readies, echoed, readied, decided, delivered }
    catch_up::Certificate { pre_prepare, commits }
    catch_up::Answered { since, count, upto }
    Mark { state, prefix, preceding, snapshot, proof }
    Transfer { proof, matrices, chunks, asked, again, next, turn, slow, liars, progress_at }
    checkpoint::Contents { cluster, epoch, membership, seq, preceding, tables, service }
    execute::ClientTable { low, replies, held }
    pre_order::PoSlot { request, adopted, acks, certified }
    pre_order::Column { aru, retired, slots }
    recon::Parts { root, length, parts, paths }
    suspect::Measurement { since, awaited }
    suspect::Reported { tat, heard }
    view_change::Chosen { view, base, start_seq, resolution }
    view_change::Statement { executed, replay, entries }
    view_change::Delivered { inits, statement }
    view_change::Round {
        delivered, listed, lists, signed, partials, proof, proof_sent, promised, replay, prepares,
        commits, prepared, committed, conflict, accused,
    }
}

states! {
    broadcast::State { me, view, instances, fresh, promised, answered, retransmit_at, cursor }
    catch_up::State { me, archive, answered, request_at, said_at, said }
    checkpoint::State {
        me, preceding, marks, stable, offered, asked_at, floor, votes, retransmit_at, shown, given,
        transfer, journal, due, logged, entered,
    }
    execute::State { prefix, executed, index, clients }
    order::State {
        me, view, preinstalled, start_seq, early, accepted, preceding, ordered, ordered_matrix,
        retired, slots, proposed, proposal, promised, leader_proof, leader_accused,
        next_pre_prepare_at, tokens, filled_at, retransmit_at,
    }
    pre_order::State {
        me, pending, preordered, last_own, columns, rows, proof_matrices, blacklist, equivocators,
        unsent_acks, sent_aru, next_request_at, next_aru_at, proof_matrix_at, retransmit_at,
        retransmit_known,
    }
    recon::State { me, sent, archive, parts, want, answered }
    suspect::State {
        me, view, tats_if_leader, bounds, announced, reported, ping_seq, pings, answered,
        replay_asked, open, samples, watch_at, tick_at, taken, counted_from, suspects, votes, accused,
        proof, settled, shown,
    }
    view_change::State {
        me, preinstalled, installed, rounds, certificate, resolutions, proposals, offered, installs,
        alarmed, served, answered, asked, retransmit_at,
    }
}

/// The enumerations over all messages, and which message a verified one is.
macro_rules! messages {
    ($($name:ident),* $(,)?) => {
        enums! {
            Body { $($name(it)),* }
            Incoming { $($name(it)),* }
            Message { $($name(it)),* }
        }

        /// The message that a [`Verified`] value of any type is; `None` for what no replica sends.
        pub(super) fn message_of(value: &dyn Any) -> Option<Message> {
            $(if let Some(it) = value.downcast_ref::<Verified<$name>>() {
                return Some(Message::$name(it.signed().clone()));
            })*
            None
        }
    };
}

messages! {
    PoRequest, PoAcks, PoAru, PoRequestConflict, PoAruConflict, ProofMatrix, PrePrepare, Prepare,
    Commit, PrePrepareConflict, Recon, ReconRequest, CatchUpRequest, OrderedCertificate, RttPing,
    RttPong, RttMeasure, TatUb, TatMeasure, NewLeader, NewLeaderProof, RbInit, RbEcho, RbReady,
    RbRequest, VcList, VcPartialSig, VcProof, Replay, ReplayPrepare, ReplayCommit, ReplayConflict,
    InstallCertificate, ResolutionRequest, ResolutionAnswer, ProposalRequest, Checkpoint,
    CheckpointProof, StateRequest, StateChunk,
}

crate::kept::structure!(Matrix { rows });

/// Where it is an argument by itself, it is one that a Pre-Prepare could have.
impl Tree for Matrix {
    fields!(Self { rows }, [rows], offers: true, still: false);

    fn fits(&self, config: &Config) -> bool {
        let body = PrePrepare { view: View(0), seq: Seq(1), matrix: self.clone() };
        let keys = Signer::new(Context::from(config), Arc::new(Stub(ReplicaId(1).into())));
        keys.sign_all(ReplicaId(1), vec![body]).iter().all(|proposal| proposal.fits(config))
    }
}

crate::kept::structure!(order::OrderSlot {
    pre_prepare,
    prepares,
    commits,
    prepared,
    committed,
    replayed
});

/// Where it is an argument by itself, it is one that its documentation allows.
impl Tree for order::OrderSlot {
    fields!(
        Self { pre_prepare, prepares, commits, prepared, committed, replayed },
        [pre_prepare, prepares, commits, prepared, committed, replayed],
        offers: true, still: false);

    fn same(&self, other: &Self) -> bool {
        self.pre_prepare.same(&other.pre_prepare)
            && self.prepares.same(&other.prepares)
            && self.commits.same(&other.commits)
            && (self.prepared, self.committed, self.replayed)
                == (other.prepared, other.committed, other.replayed)
    }

    fn fits(&self, config: &Config) -> bool {
        crate::sound::order_slot(config, self)
    }
}

enums! {
    Certificate { Prepared(proposal, votes), Committed(proposal, votes) }
    Payload { Report(it), Entry(it) }
    Proof { Certificate(partials), Threshold(point) }
    Record<Prime> { Promise(it), Held(it) }
    suspect::Awaited { Matrix(it), Replay(it) }
}

impl Tree for Outcome {
    fn is_empty(&self) -> bool {
        false
    }

    fn collect(&self, pools: &mut Pools) {
        pools.offer(self);
    }

    fn change(&mut self, hand: &mut Hand<'_>) {
        if let Some(other) = hand.met() {
            *self = other;
        }
    }
}

/// Its root stands for its bytes.
impl Tree for Snapshot {
    fn is_empty(&self) -> bool {
        false
    }

    fn same(&self, other: &Self) -> bool {
        self == other && self.bytes == other.bytes
    }
}

/// Each was checked when it came.
impl Tree for Chunks {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn same(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    fn size(&self) -> usize {
        self.0.len()
    }

    fn steps(&self) -> usize {
        self.0.len()
    }

    fn lessen(&mut self, step: usize, _hand: &Hand<'_>) {
        if let Some(index) = self.0.keys().nth(step).copied() {
            self.0.remove(&index);
        }
    }
}

impl Tree for Journal {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn size(&self) -> usize {
        self.0.len()
    }

    fn lines(&self, path: &str, lines: &mut Vec<String>) {
        self.0.lines(path, lines);
    }

    fn collect(&self, pools: &mut Pools) {
        self.0.collect(pools);
    }

    fn change(&mut self, hand: &mut Hand<'_>) {
        self.0.change(hand);
    }

    fn steps(&self) -> usize {
        self.0.steps()
    }

    fn lessen(&mut self, step: usize, hand: &Hand<'_>) {
        self.0.lessen(step, hand);
    }
}
