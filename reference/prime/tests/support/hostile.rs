//! A peer that says everything it can sign, for ever, to one replica.

use prime::{Replica, decode};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::auth::Context;
use wire::monitoring::Monitoring;
use wire::prime::{
    Body, CatchUpRequest, Certificate, Checkpoint, CheckpointProof, Commit, Constraint,
    InstallCertificate, Matrix, NewLeader, NewLeaderProof, OrderedCertificate, Payload, PoAck,
    PoAcks, PoAru, PoAruConflict, PoRequest, PoRequestConflict, PrePrepare, PrePrepareConflict,
    Prepare, Prime, Proof, ProofMatrix, ProposalRequest, RbEcho, RbInit, RbReady, RbRequest, Recon,
    ReconRequest, Replay, ReplayCommit, ReplayConflict, ReplayPrepare, Report, Resolution,
    ResolutionAnswer, ResolutionRequest, RttMeasure, RttPing, RttPong, StateChunk, StateId,
    StateRequest, TatMeasure, TatUb, VcList, VcPartialSig, VcProof,
};
use wire::stub::Stub;
use wire::{
    Blob, ClientId, ClientSeq, Config, Digest, Effect, Effects, Input, List, Machine, Memory,
    PoSeq, Protocol, Reject, ReplicaId, Seq, Signable, Signed, Signer, Time, Update, View, merkle,
};

/// Who is driven.
const VICTIM: ReplicaId = ReplicaId(2);

/// Kinds of what the peer says: messages in the order of their tags, then updates of clients of its.
pub(crate) const KINDS: usize = 41;

/// A replica and the peer that it hears.
pub(crate) struct Hostile {
    config: Config,
    peer: ReplicaId,
    victim: Replica,
    signer: Signer,
    effects: Effects<Prime>,
    now: Time,
    state: u64,
    /// What was refused, by reason.
    pub(crate) rejects: BTreeMap<Reject, u64>,
    /// Of one message in sixteen: those that had no effect at all, not even a reject, by kind.
    pub(crate) unheard: BTreeMap<&'static str, u64>,
}

impl Hostile {
    /// A fresh replica, with small windows so that they are soon full. `peer` 1 leads view 0; with
    /// `changing`, view 1 is voted for and never installed.
    pub(crate) fn new(peer: u16, changing: bool, seed: u64) -> Self {
        let mut config = Config::new(Digest::of("test", b"hostile"), 4, 1, 0);
        config.windows.preorder = 8;
        config.windows.order = 4;
        config.windows.client = 8;
        config.windows.pending = 32;
        config.windows.checkpoint = 8;
        config.monitoring = Some(Monitoring::report());
        let peer = ReplicaId(peer);
        let victim = Replica::new(&config, VICTIM, Box::new(kv::Store::new()));
        let signer = Signer::new(Context::from(&config), Arc::new(Stub(peer.into())));
        let (effects, now) = (Effects::default(), Time(1));
        let (rejects, unheard) = (BTreeMap::new(), BTreeMap::new());
        let state = seed.wrapping_mul(2).wrapping_add(1);
        let mut hostile =
            Self { config, peer, victim, signer, effects, now, state, rejects, unheard };
        hostile.step(Input::Start(Memory::Whole));
        if changing {
            let vote = |id| signed(&hostile.config, ReplicaId(id), NewLeader { view: View(1) });
            let votes = List::new(vec![vote(1), vote(3), vote(4)]).unwrap();
            hostile.say(NewLeaderProof { votes }.into());
            assert!(hostile.victim.view_change().changing());
        }
        hostile
    }

    fn below(&mut self, below: u64) -> u64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.state >> 20) % below
    }

    /// Says `count` things of `kind`, or of all kinds in turn.
    pub(crate) fn attack(&mut self, kind: Option<usize>, count: usize) {
        for turn in 0..count {
            match kind.unwrap_or(turn % KINDS) {
                40 => {
                    let update = self.update();
                    self.step(Input::Update(update));
                }
                kind => {
                    let body = self.body(kind);
                    self.say(body);
                }
            }
            if turn % 16 == 15 {
                self.now = self.now.after(1_000);
                self.step(Input::Timer);
            }
        }
    }

    fn say(&mut self, body: Body) {
        let kind = Prime::kind(&body);
        let message = self.signer.seal::<Prime>(self.peer, vec![body], Vec::new()).0.remove(0);
        if let Err(reason) = decode::shape(&self.config, &Prime::message(&message)) {
            *self.rejects.entry(reason).or_default() += 1;
            return;
        }
        let looks = self.below(16) == 0;
        let before = looks.then(|| self.victim.digest());
        let heard = self.step(Input::Message(message));
        if before.is_some_and(|before| !heard && self.victim.digest() == before) {
            *self.unheard.entry(kind).or_default() += 1;
        }
    }

    /// Whether there were effects. They are dropped: only what the replica itself keeps counts.
    fn step(&mut self, input: Input<Prime>) -> bool {
        self.victim.step(self.now, input, &mut self.effects);
        let mut any = false;
        for effect in self.effects.drain() {
            any = true;
            if let Effect::Reject { reason, .. } = effect {
                *self.rejects.entry(reason).or_default() += 1;
            }
        }
        any
    }

    fn update(&mut self) -> wire::Verified<Update> {
        let id = ClientId(u32::try_from(self.below(64)).unwrap() + 1);
        let signer = Signer::new(Context::from(&self.config), Arc::new(Stub(id.into())));
        let payload = Blob::new(vec![7; 100]).unwrap();
        let seq = ClientSeq(self.number());
        signer.sign_all(id, vec![Update { seq, payload }]).remove(0)
    }

    /// Mostly near, sometimes far, sometimes absurd.
    fn number(&mut self) -> u64 {
        match self.below(8) {
            0 => u64::MAX - self.below(3),
            1 => self.below(1 << 40),
            2 => self.below(1_000),
            _ => self.below(12) + 1,
        }
    }

    fn view(&mut self) -> View {
        match self.below(4) {
            0 => View(self.number()),
            _ => View(self.below(3)),
        }
    }

    /// A broadcast's number: the first ones, the last ones that are let in, and beyond.
    fn tag(&mut self) -> u32 {
        let near = u32::try_from(self.below(4)).unwrap();
        match self.below(5) {
            0 => 1_024 - near,
            1 => 1_024 + near,
            _ => near,
        }
    }

    fn anyone(&mut self) -> ReplicaId {
        ReplicaId(u16::try_from(self.below(4)).unwrap() + 1)
    }

    fn digest(&mut self) -> Digest {
        let which = self.below(1 << 20);
        Digest::of("test", &which.to_le_bytes())
    }

    fn own<T: Signable<Signer = ReplicaId>>(&self, body: T) -> Signed<T> {
        self.signer.sign_all(self.peer, vec![body]).remove(0).signed().clone()
    }

    fn request(&mut self) -> PoRequest {
        let updates = vec![self.update().signed().clone()];
        PoRequest { seq: PoSeq(self.number()), updates: List::new(updates).unwrap() }
    }

    fn row(&mut self) -> PoAru {
        let vec = (0..4).map(|_| PoSeq(self.number())).collect();
        PoAru { vec: List::new(vec).unwrap() }
    }

    fn matrix(&mut self) -> Matrix {
        let mut rows = vec![None; 4];
        let row = self.row();
        rows[self.peer.index()] = Some(self.own(row));
        Matrix { rows: List::new(rows).unwrap() }
    }

    fn proposal(&mut self) -> PrePrepare {
        let matrix = self.matrix();
        PrePrepare { view: self.view(), seq: Seq(self.number()), matrix }
    }

    fn constraint(&mut self) -> Constraint {
        let mut ids: Vec<_> = (1..=4).map(ReplicaId).collect();
        ids.remove(usize::try_from(self.below(4)).unwrap());
        let base = Seq(self.below(20));
        let start_seq = Seq(base.0 + 1 + self.below(4));
        let (view, resolution) = (self.view(), self.digest());
        Constraint { view, ids: List::new(ids).unwrap(), base, start_seq, resolution }
    }

    fn replay(&mut self) -> Replay {
        let constraint = self.constraint();
        let partial = self.own(VcPartialSig { constraint: constraint.clone(), share: None });
        Replay { constraint, proof: Proof::Certificate(List::new(vec![partial]).unwrap()) }
    }

    fn resolution(&mut self) -> Resolution {
        let count = usize::try_from(self.below(64)).unwrap();
        let entries = vec![None; count];
        Resolution { base: Seq(self.number()), entries: List::new(entries).unwrap() }
    }

    fn state_id(&mut self) -> StateId {
        let length = self.below(1 << 22);
        StateId { seq: Seq(8 * (1 + self.below(1 << 20))), root: self.digest(), length }
    }

    fn init(&mut self) -> RbInit {
        let view = self.view();
        if self.below(2) == 0 {
            let executed = Seq(self.number());
            let count = u32::try_from(self.below(1_024)).unwrap();
            return RbInit {
                view,
                seq: 0,
                payload: Payload::Report(Report { executed, count, replay: None }),
            };
        }
        let seq = self.tag().max(1);
        let proposal = self.proposal();
        let entry = Certificate::Prepared(self.own(proposal), List::empty());
        RbInit { view, seq, payload: Payload::Entry(entry) }
    }

    /// Something of the `kind`-th message type.
    fn body(&mut self, kind: usize) -> Body {
        match kind {
            0..=13 => self.ordering(kind),
            14..=20 => self.monitoring(kind),
            21..=35 => self.changing(kind),
            _ => self.states(kind),
        }
    }

    fn ordering(&mut self, kind: usize) -> Body {
        let (view, seq, digest) = (self.view(), Seq(self.number()), self.digest());
        match kind {
            0 => self.request().into(),
            1 => {
                let ack = |own: &mut Self| PoAck {
                    originator: own.anyone(),
                    seq: PoSeq(own.number()),
                    digest: own.digest(),
                };
                let acks = (0..16).map(|_| ack(self)).collect();
                PoAcks { acks: List::new(acks).unwrap() }.into()
            }
            2 => self.row().into(),
            3 => {
                let first = self.request();
                let second = PoRequest { seq: first.seq, ..self.request() };
                PoRequestConflict { first: self.own(first), second: self.own(second) }.into()
            }
            4 => {
                let (first, second) = (self.row(), self.row());
                PoAruConflict { first: self.own(first), second: self.own(second) }.into()
            }
            5 => ProofMatrix { matrix: self.matrix() }.into(),
            6 => self.proposal().into(),
            7 => Prepare { view, seq, digest }.into(),
            8 => Commit { view, seq, digest }.into(),
            9 => {
                let (first, second) = (self.proposal(), self.proposal());
                PrePrepareConflict { first: self.own(first), second: self.own(second) }.into()
            }
            10 => {
                let root = self.digest();
                let part = Blob::new(vec![9; 300]).unwrap();
                let path = merkle::Path::new(vec![digest, root]).unwrap();
                let (originator, seq) = (self.anyone(), PoSeq(self.number()));
                Recon { originator, seq, digest, root, length: 600, part, path }.into()
            }
            11 => ReconRequest { originator: self.anyone(), seq: PoSeq(self.number()) }.into(),
            12 => {
                let (installed, executed) = (View(self.below(3)), Seq(self.below(9)));
                let ordered = Seq(executed.0 + self.below(1 << 30));
                let view = View(installed.0 + self.below(1 << 30));
                CatchUpRequest { view, installed, ordered, executed }.into()
            }
            _ => {
                let pre_prepare = self.proposal();
                let commit = self.own(Commit { view, seq, digest });
                let commits = List::new(vec![commit]).unwrap();
                OrderedCertificate { pre_prepare: self.own(pre_prepare), commits }.into()
            }
        }
    }

    fn monitoring(&mut self, kind: usize) -> Body {
        let (view, seq, time) = (self.view(), self.number(), self.number());
        match kind {
            14 => RttPing { view, seq }.into(),
            15 => RttPong { view, pinger: VICTIM, seq }.into(),
            16 => RttMeasure { view, to: VICTIM, rtt: time }.into(),
            17 => TatUb { view, alpha: time }.into(),
            18 => TatMeasure { view, tat: time }.into(),
            19 => NewLeader { view }.into(),
            _ => {
                let vote = self.own(NewLeader { view });
                NewLeaderProof { votes: List::new(vec![vote]).unwrap() }.into()
            }
        }
    }

    fn changing(&mut self, kind: usize) -> Body {
        let (view, digest) = (self.view(), self.digest());
        let (originator, seq) = (self.anyone(), self.tag());
        match kind {
            21 => self.init().into(),
            22 => RbEcho { originator, view, seq, digest }.into(),
            23 => RbReady { originator, view, seq, digest }.into(),
            24 => RbRequest { originator, view, seq, digest }.into(),
            25 => VcList { view, ids: self.constraint().ids }.into(),
            26 => VcPartialSig { constraint: self.constraint(), share: None }.into(),
            27 => {
                let Replay { constraint, proof } = self.replay();
                VcProof { constraint, proof }.into()
            }
            28 => self.replay().into(),
            29 => ReplayPrepare { view, digest }.into(),
            30 => ReplayCommit { view, digest }.into(),
            31 => {
                let (first, second) = (self.replay(), self.replay());
                ReplayConflict { first: self.own(first), second: self.own(second) }.into()
            }
            32 => {
                let replay = self.replay();
                let commit = self.own(ReplayCommit { view, digest });
                let commits = List::new(vec![commit]).unwrap();
                let resolution = self.resolution();
                InstallCertificate { replay: self.own(replay), commits, resolution }.into()
            }
            33 => ResolutionRequest { digest }.into(),
            34 => ResolutionAnswer { resolution: self.resolution() }.into(),
            _ => {
                let bound = wire::prime::Bound { view, digest };
                ProposalRequest { seq: Seq(self.number()), bound }.into()
            }
        }
    }

    fn states(&mut self, kind: usize) -> Body {
        let state = self.state_id();
        match kind {
            36 => Checkpoint { state }.into(),
            37 => {
                let vote = self.own(Checkpoint { state });
                let checkpoints = List::new(vec![vote]).unwrap();
                CheckpointProof { checkpoints, preceding: self.matrix() }.into()
            }
            38 => StateRequest { state, index: 0 }.into(),
            _ => {
                let length = usize::try_from(state.length.min(64 << 10)).unwrap();
                let bytes = Blob::new(vec![3; length]).unwrap();
                StateChunk { state, index: 0, bytes, path: merkle::Path::empty() }.into()
            }
        }
    }
}

/// The name of `kind`, for people.
pub(crate) fn name(kind: usize) -> &'static str {
    let mut hostile = Hostile::new(4, false, 1);
    if kind == 40 { "Update" } else { Prime::kind(&hostile.body(kind)) }
}

fn signed<T: Signable<Signer = ReplicaId>>(config: &Config, id: ReplicaId, body: T) -> Signed<T> {
    let signer = Signer::new(Context::from(config), Arc::new(Stub(id.into())));
    signer.sign_all(id, vec![body]).remove(0).signed().clone()
}
