//! Whole replicas under a seeded scheduler: messages are lost, delayed and reordered, replicas are
//! killed in the middle of a step, and what they say is watched.

use prime::Replica;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wire::auth::Context;
use wire::monitoring::{LONGEST, Mode, Monitoring};
use wire::prime::{Body, Incoming, NewLeader, NewLeaderProof, Prime};
use wire::stub::{Stub, StubThreshold};
use wire::{
    Blob, ClientId, ClientSeq, Config, Digest, Effect, Effects, Gate, Input, List, Machine, Memory,
    PoSeq, Proofs, Protocol, Record, ReplicaId, Service, Signed, Signer, Time, To, Update,
    Verified, View,
};

/// Answers each payload with its position.
#[derive(Clone, Default)]
struct Journal(Vec<Vec<u8>>);

impl Service for Journal {
    fn execute(&mut self, _client: ClientId, payload: &[u8]) -> Vec<u8> {
        self.0.push(payload.to_vec());
        self.0.len().to_le_bytes().to_vec()
    }

    fn query(&self, _payload: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    fn snapshot(&self) -> Vec<u8> {
        wire::codec::encode(&self.0)
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.0 = wire::codec::decode(snapshot).map_err(|error| error.to_string())?;
        Ok(())
    }

    fn fork(&self) -> Box<dyn Service> {
        Box::new(self.clone())
    }
}

pub(crate) struct Host {
    pub(crate) machine: Option<Replica>,
    effects: Effects<Prime>,
    pub(crate) log: Vec<Record<Prime>>,
    signer: Signer,
}

/// What a message may be said about once, by sender.
pub(crate) type Word = (ReplicaId, &'static str, View, u64, ReplicaId);

/// A cluster and what has been seen of it.
pub(crate) struct Chaos {
    pub(crate) config: Config,
    gate: Gate,
    pub(crate) now: Time,
    pub(crate) hosts: BTreeMap<ReplicaId, Host>,
    pub(crate) wire: Vec<(ReplicaId, Incoming)>,
    /// Percent of messages lost.
    pub(crate) loss: usize,
    /// Percent of messages that stay under way for another round.
    pub(crate) delay: usize,
    /// Chance in ten thousand that a step is the last before a crash.
    pub(crate) crashes: usize,
    /// Whose messages are decided on by `meddle` below.
    pub(crate) traitor: Option<ReplicaId>,
    /// Servers that lost their log at some time.
    pub(crate) forgetful: BTreeSet<ReplicaId>,
    seed: u64,
    /// By position in the total order.
    pub(crate) executed: BTreeMap<u64, (ClientId, Digest)>,
    pub(crate) replied: BTreeSet<(ClientId, ClientSeq)>,
    pub(crate) said: BTreeMap<Word, Digest>,
    /// By who acknowledged, and what.
    pub(crate) acked: BTreeMap<(ReplicaId, ReplicaId, PoSeq), Digest>,
    preinstalled: BTreeMap<ReplicaId, View>,
    pub(crate) crashed: u32,
    pub(crate) submitted: u64,
    /// Every signed partial signature that was seen, for traitors.
    pub(crate) overheard: Vec<Incoming>,
}

fn never_suspects() -> Monitoring {
    Monitoring {
        period: 50_000,
        k_lat: 100,
        delta_pp: LONGEST,
        rtt_floor: 0,
        sched_slack: LONGEST,
        stall_min: None,
        mode: Mode::Report,
    }
}

impl Chaos {
    pub(crate) fn new(n: u16, f: u16, k: u16, seed: u64) -> Self {
        Self::with(n, f, k, seed, |_| {})
    }

    /// With a configuration that is changed.
    pub(crate) fn with(
        n: u16,
        f: u16,
        k: u16,
        seed: u64,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = Config::new(Digest::of("test", b"chaos"), n, f, k);
        config.monitoring = Some(never_suspects());
        config.proofs =
            if (seed / 2).is_multiple_of(2) { Proofs::Certificate } else { Proofs::Threshold };
        config.windows.checkpoint = if seed.is_multiple_of(3) { 4 } else { 256 };
        config.timing.retransmit = 20_000;
        config.timing.proof_matrix = 5_000;
        // Logs are lost again and again.
        config.timing.renewal = 0;
        change(&mut config);
        let hosts = config.replicas().map(|id| {
            let signer = signer(&config, id);
            let host = Host { machine: None, effects: Effects::default(), log: Vec::new(), signer };
            (id, host)
        });
        let hosts = hosts.collect();
        let gate = gate(&config);
        let mut chaos = Self {
            config,
            gate,
            now: Time(1),
            hosts,
            wire: Vec::new(),
            loss: 0,
            delay: 0,
            crashes: 0,
            traitor: None,
            forgetful: BTreeSet::new(),
            seed: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            executed: BTreeMap::new(),
            replied: BTreeSet::new(),
            said: BTreeMap::new(),
            acked: BTreeMap::new(),
            preinstalled: BTreeMap::new(),
            crashed: 0,
            submitted: 0,
            overheard: Vec::new(),
        };
        for id in chaos.config.replicas() {
            chaos.start(id);
        }
        chaos
    }

    pub(crate) fn random(&mut self, below: usize) -> usize {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        usize::try_from((self.seed >> 11) % below as u64).unwrap()
    }

    pub(crate) fn start(&mut self, id: ReplicaId) {
        self.start_with(id, Memory::Whole);
    }

    /// Starts with what is in the log, told `memory`.
    pub(crate) fn start_with(&mut self, id: ReplicaId, memory: Memory) {
        let crashes = std::mem::take(&mut self.crashes);
        let host = self.hosts.get_mut(&id).unwrap();
        host.machine = Some(Replica::new(&self.config, id, Box::new(Journal::default())));
        for record in host.log.clone() {
            self.step(id, Input::Recovered(record));
        }
        self.step(id, Input::Start(memory));
        self.crashes = crashes;
    }

    pub(crate) fn kill(&mut self, id: ReplicaId) {
        self.hosts.get_mut(&id).unwrap().machine = None;
    }

    pub(crate) fn down(&self) -> Vec<ReplicaId> {
        let dead = self.hosts.iter().filter(|(_, host)| host.machine.is_none());
        dead.map(|(id, _)| *id).collect()
    }

    pub(crate) fn machine(&self, id: u16) -> &Replica {
        self.hosts[&ReplicaId(id)].machine.as_ref().unwrap()
    }

    pub(crate) fn step(&mut self, id: ReplicaId, input: Input<Prime>) {
        let dying =
            self.crashes > 0 && self.down().is_empty() && self.random(10_000) < self.crashes;
        let host = self.hosts.get_mut(&id).unwrap();
        let Some(machine) = &mut host.machine else { return };
        machine.step(self.now, input, &mut host.effects);
        let mut effects = host.effects.drain();
        if dying {
            let left = self.random(effects.len() + 1);
            effects.truncate(left);
            self.kill(id);
            self.crashed += 1;
        }
        for effect in effects {
            self.carry_out(id, effect);
        }
    }

    fn carry_out(&mut self, id: ReplicaId, effect: Effect<Prime>) {
        let host = self.hosts.get_mut(&id).unwrap();
        match effect {
            Effect::Persist { record, .. } => host.log.push(record),
            Effect::Send { to, body } => {
                self.asks_for_what_it_keeps(id, &body);
                let host = self.hosts.get_mut(&id).unwrap();
                let message = host.signer.seal::<Prime>(id, vec![body], Vec::new()).0.remove(0);
                self.watch(id, &message);
                self.route(id, to, &message);
            }
            Effect::Relay { to, message } => self.route(id, to, &message),
            Effect::Reply(reply) => {
                self.replied.insert((reply.client, reply.seq));
            }
            Effect::Executed { index, client, update } => {
                let before = self.executed.insert(index, (client, update));
                let same = before.is_none_or(|before| before == (client, update));
                assert!(same, "two updates at position {index} of the total order");
            }
            Effect::Rewrite { records } => host.log = records,
            Effect::Reject { .. } | Effect::Restored { .. } => {}
        }
    }

    /// What is beyond the window would be refused when it comes, and not asked for again for a period.
    fn asks_for_what_it_keeps(&self, id: ReplicaId, body: &Body) {
        if let (Body::ReconRequest(request), Some(machine)) = (body, &self.hosts[&id].machine) {
            let executed = machine.execute().prefix[request.originator.index()];
            let upto = executed.0 + self.config.windows.preorder;
            assert!(request.seq.0 <= upto, "{id} asks for {request:?} and keeps up to {upto}");
        }
    }

    /// Nothing that a correct server says of a change is refused before it reaches a core.
    fn passes(&self, message: &Incoming) {
        let about_proofs = matches!(
            message,
            Incoming::VcPartialSig(_)
                | Incoming::VcProof(_)
                | Incoming::Replay(_)
                | Incoming::RbInit(_)
                | Incoming::InstallCertificate(_)
        );
        if about_proofs {
            let message = Prime::message(message);
            assert_eq!(prime::decode::shape(&self.config, &message), Ok(()), "{message:?}");
            assert!(Prime::admit(&self.gate, message.clone()).is_ok(), "{message:?}");
        }
    }

    fn route(&mut self, from: ReplicaId, to: To, message: &Incoming) {
        if self.traitor.is_none() {
            self.passes(message);
        }
        let addressed = self.config.replicas().filter(|id| match to {
            To::All => true,
            To::Others => *id != from,
            To::One(one) => *id == one,
        });
        self.wire.extend(addressed.map(|id| (id, message.clone())));
    }

    /// Nobody correct says two things, or votes for a view that it has left.
    fn watch(&mut self, id: ReplicaId, message: &Incoming) {
        if self.traitor == Some(id) {
            return;
        }
        if let Incoming::RbInit(init) = message {
            let left = self.preinstalled.entry(id).or_default();
            *left = (*left).max(init.body().view);
        }
        if matches!(message, Incoming::VcPartialSig(_)) {
            self.overheard.push(message.clone());
        }
        if let Incoming::PoAcks(acks) = message {
            for ack in acks.body().acks.iter() {
                let key = (id, ack.originator, ack.seq);
                let before = self.acked.insert(key, ack.digest);
                assert!(before.is_none_or(|before| before == ack.digest), "two acks: {key:?}");
            }
        }
        let left = self.preinstalled.get(&id).copied().unwrap_or_default();
        let Some((word, digest)) = word(id, message) else { return };
        // What binds nobody may have been forgotten.
        let soft = ["init", "echo", "ready", "list"].contains(&word.1);
        if soft && self.forgetful.contains(&id) {
            return;
        }
        let before = self.said.insert(word, digest);
        assert!(before.is_none_or(|before| before == digest), "said two things: {message:?}");
        let late = before.is_none() && word.2 < left;
        assert!(!late, "a new vote for a view that was left: {message:?}");
    }

    /// One round of two milliseconds; `meddle` says whether a message arrives.
    pub(crate) fn round(&mut self, meddle: &mut impl FnMut(ReplicaId, &Incoming) -> bool) {
        self.now = self.now.after(2_000);
        for _ in 0..self.wire.len() {
            let at = self.random(self.wire.len());
            let (to, message) = self.wire.swap_remove(at);
            if Prime::sender(&message) == to {
                // What a host tells itself is not on the network.
                self.step(to, Input::Message(message));
            } else if self.random(100) < self.delay {
                self.wire.push((to, message));
            } else if self.random(100) >= self.loss && meddle(to, &message) {
                self.step(to, Input::Message(message));
            }
        }
        for id in self.config.replicas() {
            let due = self.hosts[&id].machine.as_ref().and_then(Machine::deadline);
            if due.is_some_and(|at| at <= self.now) {
                self.step(id, Input::Timer);
            }
        }
    }

    pub(crate) fn run(&mut self, rounds: u32) {
        for _ in 0..rounds {
            self.round(&mut |_, _| true);
        }
    }

    /// A client's next update goes to a replica that is up.
    pub(crate) fn submit(&mut self) {
        self.submitted += 1;
        let up: Vec<_> = self
            .hosts
            .iter()
            .filter(|(_, host)| host.machine.is_some())
            .map(|(id, _)| *id)
            .collect();
        let at = self.random(up.len());
        self.originate(up[at], self.submitted);
    }

    pub(crate) fn originate(&mut self, originator: ReplicaId, seq: u64) {
        let update = client_update(&self.config, seq);
        self.step(originator, Input::Update(update));
    }

    /// Proof that the leader of `view` was elected.
    pub(crate) fn election(&self, view: u64) -> Incoming {
        let votes = self.config.replicas().take(self.config.quorum());
        let votes = votes.map(|id| signed(&self.config, id, NewLeader { view: View(view) }));
        let proof = NewLeaderProof { votes: List::new(votes.collect()).unwrap() };
        seal(&self.config, ReplicaId(1), proof)
    }

    /// Elects the leader of `view`, as `id` sees it.
    pub(crate) fn elect(&mut self, id: ReplicaId, view: u64) {
        let proof = self.election(view);
        self.step(id, Input::Message(proof));
    }

    pub(crate) fn elect_everywhere(&mut self, view: u64) {
        for id in self.config.replicas() {
            self.elect(id, view);
        }
    }

    /// The network heals and clients repeat themselves; how many rounds it took until all had
    /// executed everything, or a description of where they stand.
    pub(crate) fn settle(&mut self, limit: u32) -> Result<u32, String> {
        (self.loss, self.delay, self.crashes) = (0, 0, 0);
        for id in self.down() {
            self.start(id);
        }
        for round in 0..limit {
            if round % 50 == 0 {
                let correct = self.config.replicas().find(|id| Some(*id) != self.traitor).unwrap();
                for seq in 1..=self.submitted {
                    self.originate(correct, seq);
                }
            }
            self.run(1);
            let correct = self.hosts.iter().filter(|(id, _)| Some(**id) != self.traitor);
            let correct: Vec<_> = correct.filter_map(|(_, host)| host.machine.as_ref()).collect();
            let done = correct.iter().all(|machine| {
                machine.execute().index == self.submitted
                    && machine.execute().executed == correct[0].execute().executed
                    && !machine.view_change().changing()
            });
            if done {
                return Ok(round);
            }
        }
        let stand = self.hosts.iter().map(|(id, host)| {
            let machine = host.machine.as_ref().unwrap();
            let (order, change) = (machine.order(), machine.view_change());
            let round = change.round().map(|round| {
                let whole = round.delivered.values().filter(|held| held.statement.is_some());
                (
                    whole.count(),
                    round.lists.len(),
                    round.proof.is_some(),
                    round.prepared.is_some(),
                    round.prepares.len(),
                    round.committed.is_some(),
                    round.commits.len(),
                )
            });
            let executed = machine.execute().executed;
            format!(
                "{id}: view {}/{} ordered {} executed {executed} updates {} round {round:?}",
                order.view,
                order.preinstalled,
                order.ordered,
                machine.execute().index
            )
        });
        Err(stand.collect::<Vec<_>>().join("\n"))
    }

    /// What every run must come to: nothing acknowledged is lost, all are alike.
    pub(crate) fn verify(&self) {
        let correct = || self.hosts.iter().filter(|(id, _)| Some(**id) != self.traitor);
        let states: Vec<Digest> =
            correct().map(|(_, host)| host.machine.as_ref().unwrap().replicated()).collect();
        assert!(states.windows(2).all(|pair| pair[0] == pair[1]), "states differ");
        assert_eq!(self.executed.len() as u64, self.submitted);
        assert!(self.replied.iter().all(|(_, seq)| seq.0 <= self.submitted));
        for (id, host) in correct() {
            let machine = host.machine.as_ref().unwrap();
            assert!(!machine.view_change().alarmed, "{id}");
            let blamed = machine.status().blacklisted;
            // A row that was lost with the log may contradict the next one until that is ordered.
            let silent = |id: ReplicaId| self.machine(id.0).rejoining().silent();
            let excused = |id| Some(id) == self.traitor || silent(id);
            assert!(blamed.iter().all(|id| excused(*id)), "{id}: {blamed:?}");
        }
    }
}

pub(crate) fn client_update(config: &Config, seq: u64) -> Verified<Update> {
    let id = ClientId(1);
    let signer = Signer::new(Context::from(config), Arc::new(Stub(id.into())));
    let payload = Blob::new(seq.to_le_bytes().to_vec()).unwrap();
    signer.sign_all(id, vec![Update { seq: ClientSeq(seq), payload }]).remove(0)
}

pub(crate) fn seal(config: &Config, id: ReplicaId, body: impl Into<Body>) -> Incoming {
    signer(config, id).seal::<Prime>(id, vec![body.into()], Vec::new()).0.remove(0)
}

/// Signs for `id`.
fn signer(config: &Config, id: ReplicaId) -> Signer {
    let signer = Signer::new(Context::from(config), Arc::new(Stub(id.into())));
    match config.proofs {
        Proofs::Certificate => signer,
        Proofs::Threshold => signer.with_threshold(Arc::new(StubThreshold::new(config, id))),
    }
}

/// Lets through what some replica's host would.
fn gate(config: &Config) -> Gate {
    let anyone = ReplicaId(1);
    let gate = Gate::new(Context::from(config), Arc::new(Stub(anyone.into())));
    match config.proofs {
        Proofs::Certificate => gate,
        Proofs::Threshold => gate.with_threshold(Arc::new(StubThreshold::new(config, anyone))),
    }
}

pub(crate) fn signed(config: &Config, id: ReplicaId, body: NewLeader) -> Signed<NewLeader> {
    let signer = Signer::new(Context::from(config), Arc::new(Stub(id.into())));
    signer.sign_all(id, vec![body]).remove(0).signed().clone()
}

/// What is said once, and what was said.
fn word(id: ReplicaId, message: &Incoming) -> Option<(Word, Digest)> {
    let none = ReplicaId(0);
    Some(match message {
        Incoming::PoRequest(m) => {
            ((id, "po-request", View(u64::MAX), m.body().seq.0, none), m.digest())
        }
        Incoming::PrePrepare(m) => {
            ((id, "pre-prepare", m.body().view, m.body().seq.0, none), m.digest())
        }
        Incoming::Prepare(m) => {
            ((id, "prepare", m.body().view, m.body().seq.0, none), m.body().digest)
        }
        Incoming::Commit(m) => {
            ((id, "commit", m.body().view, m.body().seq.0, none), m.body().digest)
        }
        Incoming::RbInit(m) => {
            ((id, "init", m.body().view, u64::from(m.body().seq), none), m.digest())
        }
        Incoming::RbEcho(m) => {
            let b = m.body();
            ((id, "echo", b.view, u64::from(b.seq), b.originator), b.digest)
        }
        Incoming::RbReady(m) => {
            let b = m.body();
            ((id, "ready", b.view, u64::from(b.seq), b.originator), b.digest)
        }
        Incoming::VcList(m) => ((id, "list", m.body().view, 0, none), m.digest()),
        Incoming::Replay(m) => ((id, "replay", m.body().constraint.view, 0, none), m.digest()),
        Incoming::ReplayPrepare(m) => {
            ((id, "replay-prepare", m.body().view, 0, none), m.body().digest)
        }
        Incoming::ReplayCommit(m) => {
            ((id, "replay-commit", m.body().view, 0, none), m.body().digest)
        }
        _ => return None,
    })
}
