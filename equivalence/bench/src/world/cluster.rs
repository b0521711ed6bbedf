//! A small cluster of reference replicas under faults, to record from.

use super::{World, liar, service::Counter};
use crate::quiet;
use crate::rng::Rng;
use prime::Replica;
use wire::prime::{Body, Incoming, Prime};
use wire::{
    ClientId, Effect, Effects, Input, Machine, Memory, Protocol, Record, ReplicaId, Time, To,
    Verified,
};

/// Messages under way; what comes on top of that many is lost.
const UNDER_WAY: usize = 1_200;

/// Updates that each client asks for in one run: keeps the slots few and the states small.
const UPDATES: u64 = 12;

struct Node {
    id: ReplicaId,
    /// `None` once it has panicked: the bench goes on recording the others.
    replica: Option<Replica>,
    log: Vec<Record<Prime>>,
}

/// A run in progress.
pub(super) struct Cluster<'a> {
    world: &'a mut World,
    rng: Rng,
    nodes: Vec<Node>,
    under_way: Vec<(ReplicaId, Incoming)>,
    now: Time,
    liar: Option<ReplicaId>,
    client_seq: Vec<u64>,
    /// Loss and repetition, in percent.
    faults: (u64, u64),
}

impl<'a> Cluster<'a> {
    pub(super) fn new(world: &'a mut World, mut rng: Rng) -> Self {
        let config = world.config.clone();
        let replica = |id| Some(Replica::new(&config, id, Box::new(Counter::default())));
        let node = |id| Node { id, replica: replica(id), log: Vec::new() };
        let liar = match rng.below(10) {
            0..3 => None,
            3..6 => Some(config.leader_of(wire::View(0))),
            _ => Some(world.anyone(&mut rng)),
        };
        let faults = rng.choose([(0, 0), (5, 5), (20, 5), (2, 30)]);
        Self {
            nodes: config.replicas().map(node).collect(),
            world,
            under_way: Vec::new(),
            now: Time(1_000),
            liar,
            client_seq: vec![0; super::ACTIVE as usize],
            faults,
            rng,
        }
    }

    /// Lets `steps` things happen.
    pub(super) fn run(&mut self, steps: usize) {
        for index in 0..self.nodes.len() {
            self.step(index, Input::Start(Memory::Whole));
        }
        for _ in 0..steps {
            match self.rng.below(100) {
                0..70 => self.deliver(),
                70..88 => self.timer(),
                88..99 => self.update(),
                _ => self.restart(),
            }
        }
    }

    fn deliver(&mut self) {
        if self.under_way.is_empty() {
            return self.timer();
        }
        // Mostly the oldest ones, so that runs get somewhere.
        let reach = self.under_way.len().min(if self.rng.percent(10) { UNDER_WAY } else { 6 });
        let at = self.rng.index(reach);
        let (to, message) = if self.rng.percent(self.faults.1) {
            self.under_way[at].clone()
        } else {
            self.under_way.remove(at)
        };
        if !self.rng.percent(self.faults.0) {
            self.step(to.index(), Input::Message(message));
        }
    }

    fn timer(&mut self) {
        self.now = self.now.after(self.rng.choose([50, 600, 3_000, 30_000, 120_000]));
        let at = self.rng.index(self.nodes.len());
        let due = self.nodes[at].replica.as_ref().and_then(Machine::deadline);
        if due.is_some_and(|due| due <= self.now) {
            self.step(at, Input::Timer);
        }
    }

    fn update(&mut self) {
        let client = self.rng.index(self.client_seq.len());
        let again = self.rng.percent(15);
        let seq = &mut self.client_seq[client];
        if *seq == 0 || (!again && *seq < UPDATES) {
            *seq += 1;
        }
        let (id, seq) = (ClientId(u32::try_from(client + 1).expect("few clients")), *seq);
        let payload = [self.rng.below(200).to_le_bytes()[0]];
        let update: Verified<wire::Update> = self.world.update(id, seq, &payload);
        self.world.updates.push(update.clone());
        let at = self.rng.index(self.nodes.len());
        self.step(at, Input::Update(update));
    }

    fn restart(&mut self) {
        let at = self.rng.index(self.nodes.len());
        let node = &mut self.nodes[at];
        if node.replica.is_none() {
            return;
        }
        let fresh = Replica::new(&self.world.config, node.id, Box::new(Counter::default()));
        node.replica = Some(fresh);
        let log = std::mem::take(&mut node.log);
        for record in log.clone() {
            self.step(at, Input::Recovered(record));
        }
        self.nodes[at].log = log;
        self.step(at, Input::Start(Memory::Whole));
    }

    fn step(&mut self, at: usize, input: Input<Prime>) {
        let node = &mut self.nodes[at];
        let Some(replica) = &mut node.replica else { return };
        self.world.samples.offer(&mut self.rng, replica.pre_order(), self.now, &input);
        let mut effects = Effects::default();
        let now = self.now;
        if quiet::catch(|| replica.step(now, input, &mut effects)).is_err() {
            node.replica = None;
            return;
        }
        let id = node.id;
        for effect in effects.drain() {
            match effect {
                Effect::Persist { record, .. } => self.nodes[at].log.push(record),
                Effect::Send { to, body } => self.send(id, to, body),
                Effect::Relay { to, message } => self.spread(id, to, &message),
                Effect::Rewrite { records } => self.nodes[at].log = records,
                Effect::Reply(_)
                | Effect::Executed { .. }
                | Effect::Restored { .. }
                | Effect::Reject { .. } => {}
            }
        }
    }

    fn seal(&self, from: ReplicaId, body: Body) -> Incoming {
        let signer = &self.world.replicas[from.index()];
        let (mut messages, _) = signer.seal::<Prime>(from, vec![body], Vec::new());
        messages.pop().expect("one body, one message")
    }

    fn send(&mut self, from: ReplicaId, to: To, body: Body) {
        if self.liar == Some(from) && liar::withholds(&mut self.rng, &body) {
            return;
        }
        let lie = (self.liar == Some(from))
            .then(|| liar::twist(self.world, &mut self.rng, &body))
            .flatten();
        let truth = self.seal(from, body);
        self.world.learn(&truth);
        let Some(lie) = lie else { return self.spread(from, to, &truth) };
        let lie = self.seal(from, lie);
        self.world.learn(&lie);
        for id in addressees(self.nodes.len(), from, to) {
            let fooled = id != from && self.rng.percent(50);
            self.enqueue(id, if fooled { lie.clone() } else { truth.clone() });
        }
    }

    fn spread(&mut self, from: ReplicaId, to: To, message: &Incoming) {
        for id in addressees(self.nodes.len(), from, to) {
            self.enqueue(id, message.clone());
        }
    }

    fn enqueue(&mut self, to: ReplicaId, message: Incoming) {
        if self.under_way.len() < UNDER_WAY && Prime::sender(&message).0 > 0 {
            self.under_way.push((to, message));
        }
    }
}

fn addressees(size: usize, from: ReplicaId, to: To) -> Vec<ReplicaId> {
    let all = (0..size).map(ReplicaId::from_index);
    match to {
        To::All => all.collect(),
        To::Others => all.filter(|id| *id != from).collect(),
        To::One(id) => vec![id],
    }
}
