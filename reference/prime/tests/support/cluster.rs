//! Replicas in one process, joined by queues, with logs that can be rewritten and lost.

use prime::Replica;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use wire::auth::{Context, Gate};
use wire::prime::{Body, Incoming, Prime};
use wire::stub::Stub;
use wire::{
    Blob, ClientId, ClientSeq, Config, Digest, Effect, Effects, Input, Machine, Memory, Protocol,
    Record, Reject, ReplicaId, Service, Signer, Time, To, Update, Verified,
};

/// Counts updates and keeps the last of some size, so that the state has several chunks.
#[derive(Clone, Default)]
pub struct Ring {
    count: u64,
    last: VecDeque<Vec<u8>>,
}

/// Payloads that a [`Ring`] keeps.
const KEPT: usize = 8;

impl Service for Ring {
    fn execute(&mut self, _client: ClientId, payload: &[u8]) -> Vec<u8> {
        self.count += 1;
        self.last.push_back(payload.to_vec());
        if self.last.len() > KEPT {
            self.last.pop_front();
        }
        self.count.to_le_bytes().to_vec()
    }

    fn query(&self, _payload: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    fn snapshot(&self) -> Vec<u8> {
        wire::codec::encode(&(self.count, self.last.iter().cloned().collect::<Vec<_>>()))
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        let (count, last): (u64, Vec<Vec<u8>>) =
            wire::codec::decode(snapshot).map_err(|error| error.to_string())?;
        *self = Self { count, last: last.into() };
        Ok(())
    }

    fn fork(&self) -> Box<dyn Service> {
        Box::new(self.clone())
    }
}

/// One replica and its log.
pub struct Host {
    pub machine: Option<Replica>,
    pub log: Vec<Record<Prime>>,
    /// All records ever.
    pub whole: Vec<Record<Prime>>,
    /// How often the log was rewritten.
    pub rewrites: u64,
    effects: Effects<Prime>,
    signer: Signer,
}

/// What becomes of a message from one replica to another.
pub type Network<'a> = &'a mut dyn FnMut(ReplicaId, ReplicaId, Incoming) -> Option<Incoming>;

/// A cluster and everything that happened to it.
pub struct Cluster {
    pub config: Config,
    pub now: Time,
    pub hosts: BTreeMap<ReplicaId, Host>,
    pub rejects: BTreeMap<(ReplicaId, Option<ReplicaId>, Reject), u64>,
    pub restored: Vec<(ReplicaId, u64)>,
    /// Messages by sender and kind.
    pub sent: BTreeMap<(ReplicaId, &'static str), u64>,
    gate: Gate,
    wire: VecDeque<(ReplicaId, ReplicaId, Incoming)>,
    next: u64,
}

impl Cluster {
    /// All replicas, started.
    pub fn new(n: u16, f: u16, k: u16, checkpoint: u64) -> Self {
        let mut config = Config::new(Digest::of("test", b"cluster"), n, f, k);
        config.windows.checkpoint = checkpoint;
        let gate = Gate::new(Context::from(&config), Arc::new(Stub(ReplicaId(1).into())));
        let hosts = config.replicas().map(|id| {
            let signer = Signer::new(Context::from(&config), Arc::new(Stub(id.into())));
            let (log, effects) = (Vec::new(), Effects::default());
            (id, Host { machine: None, log, whole: Vec::new(), rewrites: 0, effects, signer })
        });
        let mut cluster = Self {
            now: Time(1),
            hosts: hosts.collect(),
            rejects: BTreeMap::new(),
            restored: Vec::new(),
            sent: BTreeMap::new(),
            gate,
            wire: VecDeque::new(),
            next: 0,
            config,
        };
        (1..=n).for_each(|id| cluster.start(id));
        cluster
    }

    /// Starts a replica from its log.
    pub fn start(&mut self, id: u16) {
        let id = ReplicaId(id);
        let host = self.hosts.get_mut(&id).unwrap();
        host.machine = Some(Replica::new(&self.config, id, Box::new(Ring::default())));
        for record in host.log.clone() {
            self.step(id, Input::Recovered(record));
        }
        self.step(id, Input::Start(Memory::Whole));
    }

    /// The process ends; its log stays.
    pub fn kill(&mut self, id: u16) {
        self.hosts.get_mut(&ReplicaId(id)).unwrap().machine = None;
    }

    pub fn machine(&self, id: u16) -> &Replica {
        self.hosts[&ReplicaId(id)].machine.as_ref().unwrap()
    }

    /// What `from` would send, signed.
    pub fn sign(&self, from: ReplicaId, body: Body) -> Incoming {
        self.hosts[&from].signer.seal::<Prime>(from, vec![body], Vec::new()).0.remove(0)
    }

    /// Delivers `message` to `to` later, as if its signer had sent it.
    pub fn inject(&mut self, to: u16, message: Incoming) {
        self.wire.push_back((Prime::sender(&message), ReplicaId(to), message));
    }

    pub fn step(&mut self, id: ReplicaId, input: Input<Prime>) {
        let host = self.hosts.get_mut(&id).unwrap();
        let Some(machine) = &mut host.machine else { return };
        machine.step(self.now, input, &mut host.effects);
        for effect in host.effects.drain() {
            match effect {
                Effect::Persist { record, .. } => {
                    host.whole.push(record.clone());
                    host.log.push(record);
                }
                Effect::Rewrite { records } => {
                    host.log = records;
                    host.rewrites += 1;
                }
                Effect::Send { to, body } => {
                    *self.sent.entry((id, Prime::kind(&body))).or_default() += 1;
                    let (mut sealed, _) = host.signer.seal::<Prime>(id, vec![body], Vec::new());
                    route(&self.config, &mut self.wire, id, to, &sealed.remove(0));
                }
                Effect::Relay { to, message } => {
                    route(&self.config, &mut self.wire, id, to, &message);
                }
                Effect::Reject { from, reason } => {
                    *self.rejects.entry((id, from, reason)).or_default() += 1;
                }
                Effect::Restored { index } => self.restored.push((id, index)),
                Effect::Reply(_) | Effect::Executed { .. } => {}
            }
        }
    }

    /// Delivers everything, through bytes, and fires timers, for `rounds` of half a millisecond.
    pub fn run(&mut self, rounds: u32, network: Network<'_>) {
        for _ in 0..rounds {
            self.now = self.now.after(500);
            for _ in 0..self.wire.len() {
                let (from, to, message) = self.wire.pop_front().unwrap();
                let Some(machine) = &self.hosts[&to].machine else { continue };
                let arrived = if from == to { Some(message) } else { network(from, to, message) };
                let Some(message) = arrived else { continue };
                let bytes = wire::codec::encode(&Prime::message(&message));
                let decoded = (machine.decoder())(&bytes).unwrap();
                let admitted = Prime::admit(&self.gate, decoded).unwrap();
                self.step(to, Input::Message(admitted));
            }
            for id in self.config.replicas() {
                let due = self.hosts[&id].machine.as_ref().and_then(Machine::deadline);
                if due.is_some_and(|at| at <= self.now) {
                    self.step(id, Input::Timer);
                }
            }
        }
    }

    /// Submits one update to each of `originators` in turn, `count` in all, four rounds apart, so
    /// that most get a number of their own.
    pub fn load(&mut self, count: u64, originators: &[u16], network: Network<'_>) {
        for at in 0..count {
            self.next += 1;
            let update = client_update(&self.config, self.next);
            let turn = usize::try_from(at).unwrap() % originators.len();
            self.step(ReplicaId(originators[turn]), Input::Update(update));
            self.run(4, network);
        }
    }

    /// Lets things come to rest.
    pub fn rest(&mut self) {
        self.run(200, &mut |_, _, message| Some(message));
    }

    pub fn updates(&self, id: u16) -> u64 {
        self.machine(id).execute().index
    }

    pub fn executed(&self, id: u16) -> u64 {
        self.machine(id).execute().executed.0
    }

    pub fn submitted(&self) -> u64 {
        self.next
    }

    pub fn rejected(&self, at: u16, from: u16, reason: Reject) -> u64 {
        let key = (ReplicaId(at), Some(ReplicaId(from)), reason);
        self.rejects.get(&key).copied().unwrap_or_default()
    }
}

/// Update `seq` of client 1, of 20,000 bytes.
fn client_update(config: &Config, seq: u64) -> Verified<Update> {
    let id = ClientId(1);
    let signer = Signer::new(Context::from(config), Arc::new(Stub(id.into())));
    let payload = Blob::new([seq.to_le_bytes(); 2500].concat()).unwrap();
    signer.sign_all(id, vec![Update { seq: ClientSeq(seq), payload }]).remove(0)
}

fn route(
    config: &Config,
    wire: &mut VecDeque<(ReplicaId, ReplicaId, Incoming)>,
    from: ReplicaId,
    to: To,
    message: &Incoming,
) {
    let addressed = config.replicas().filter(|id| match to {
        To::All => true,
        To::Others => *id != from,
        To::One(one) => *id == one,
    });
    wire.extend(addressed.map(|id| (from, id, message.clone())));
}
