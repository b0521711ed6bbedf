//! A cluster in virtual time: every message takes as long as the test says, timers fire on time.

use prime::Replica;
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::auth::Context;
use wire::prime::{Incoming, Prime};
use wire::stub::Stub;
use wire::{
    Blob, ClientId, ClientSeq, Config, Effect, Effects, Input, Machine, Memory, ReplicaId, Service,
    Signer, Time, To, Update, View,
};

/// Answers nothing and remembers how often it was asked.
#[derive(Clone)]
struct Count(u64);

impl Service for Count {
    fn execute(&mut self, _client: ClientId, _payload: &[u8]) -> Vec<u8> {
        self.0 += 1;
        Vec::new()
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

/// How long a message takes: from whom, to whom, what, the how-manieth message of all. `None`: it is
/// lost. Unit: microseconds.
pub(crate) type Way = Box<dyn FnMut(ReplicaId, ReplicaId, &Incoming, u64) -> Option<u64>>;

struct Host {
    machine: Replica,
    effects: Effects<Prime>,
    signer: Signer,
    /// It does not run before.
    stalled: Time,
}

/// Replicas and what is on its way between them.
pub(crate) struct Cluster {
    pub(crate) config: Config,
    pub(crate) now: Time,
    pub(crate) way: Way,
    hosts: BTreeMap<ReplicaId, Host>,
    /// By time of arrival and number.
    flying: BTreeMap<(Time, u64), (ReplicaId, Incoming)>,
    sent: u64,
    submitted: u64,
}

impl Cluster {
    pub(crate) fn new(config: Config, way: Way) -> Self {
        let hosts = config.replicas().map(|id| {
            let machine = Replica::new(&config, id, Box::new(Count(0)));
            let signer = Signer::new(Context::from(&config), Arc::new(Stub(id.into())));
            let effects = Effects::default();
            (id, Host { machine, effects, signer, stalled: Time(0) })
        });
        let hosts = hosts.collect();
        let flying = BTreeMap::new();
        let now = Time(1);
        let mut cluster = Self { config, now, way, hosts, flying, sent: 0, submitted: 0 };
        for id in cluster.config.replicas() {
            cluster.step(id, Input::Start(Memory::Whole));
        }
        cluster
    }

    pub(crate) fn machine(&self, id: u16) -> &Replica {
        &self.hosts[&ReplicaId(id)].machine
    }

    /// Who has voted against the leader of view 0, or has left that view.
    pub(crate) fn against_the_first(&self) -> Vec<u16> {
        let against = self.hosts.iter().filter(|(_, host)| {
            let state = host.machine.suspect();
            state.suspects || state.view > View(0)
        });
        against.map(|(id, _)| id.0).collect()
    }

    /// Replica `id` does not run for `micros`.
    pub(crate) fn stall(&mut self, id: u16, micros: u64) {
        let until = self.now.after(micros);
        self.hosts.get_mut(&ReplicaId(id)).unwrap().stalled = until;
    }

    /// A client's next update, to replica `id`.
    pub(crate) fn submit(&mut self, id: u16) {
        self.submitted += 1;
        let client = ClientId(1);
        let signer = Signer::new(Context::from(&self.config), Arc::new(Stub(client.into())));
        let payload = Blob::new(self.submitted.to_le_bytes().to_vec()).unwrap();
        let update = Update { seq: ClientSeq(self.submitted), payload };
        let update = signer.sign_all(client, vec![update]).remove(0);
        self.step(ReplicaId(id), Input::Update(update));
    }

    /// Hands replica `id` a message that somebody signed.
    pub(crate) fn hand(&mut self, id: u16, message: impl Into<Incoming>) {
        self.step(ReplicaId(id), Input::Message(message.into()));
    }

    pub(crate) fn step(&mut self, id: ReplicaId, input: Input<Prime>) {
        let host = self.hosts.get_mut(&id).unwrap();
        host.machine.step(self.now, input, &mut host.effects);
        for effect in host.effects.drain() {
            let (to, message) = match effect {
                Effect::Send { to, body } => {
                    let (mut sealed, _) = host.signer.seal::<Prime>(id, vec![body], Vec::new());
                    (to, sealed.remove(0))
                }
                Effect::Relay { to, message } => (to, message),
                _ => continue,
            };
            for peer in self.config.replicas() {
                let addressed = match to {
                    To::All => true,
                    To::Others => peer != id,
                    To::One(one) => peer == one,
                };
                if !addressed {
                    continue;
                }
                self.sent += 1;
                let took =
                    if peer == id { Some(0) } else { (self.way)(id, peer, &message, self.sent) };
                if let Some(took) = took {
                    let at = self.now.after(took);
                    self.flying.insert((at, self.sent), (peer, message.clone()));
                }
            }
        }
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, micros: u64) {
        let end = self.now.after(micros);
        while let Some(next) = self.next().filter(|at| *at <= end) {
            self.now = next.max(self.now);
            if let Some(entry) = self.flying.first_entry().filter(|one| one.key().0 <= self.now) {
                let (_, number) = *entry.key();
                let (to, message) = entry.remove();
                let stalled = self.hosts[&to].stalled;
                if stalled > self.now {
                    self.flying.insert((stalled, number), (to, message));
                } else {
                    self.step(to, Input::Message(message));
                }
                continue;
            }
            let due =
                self.hosts.iter().find(|(_, host)| wanted(host).is_some_and(|at| at <= self.now));
            if let Some(id) = due.map(|(id, _)| *id) {
                self.step(id, Input::Timer);
            }
        }
        self.now = end;
    }

    fn next(&self) -> Option<Time> {
        let arrival = self.flying.first_key_value().map(|((at, _), _)| *at);
        self.hosts.values().filter_map(wanted).chain(arrival).min()
    }
}

fn wanted(host: &Host) -> Option<Time> {
    host.machine.deadline().map(|at| at.max(host.stalled))
}
