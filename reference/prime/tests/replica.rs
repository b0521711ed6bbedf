//! Four replicas in one process, joined by queues: the ordering path end to end, and restarts.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use prime::Replica;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use wire::auth::{Context, Gate};
use wire::prime::{Incoming, Prime};
use wire::stub::Stub;
use wire::{
    Blob, ClientId, ClientSeq, Config, Digest, Effect, Effects, Input, Machine, Memory, Protocol,
    Record, ReplicaId, Reply, Service, Signer, Time, To, Update, Verified,
};

/// Answers each payload with its position.
#[derive(Clone, Default)]
struct Counter(Vec<Vec<u8>>);

impl Service for Counter {
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

struct Host {
    machine: Option<Replica>,
    effects: Effects<Prime>,
    log: Vec<Record<Prime>>,
    signer: Signer,
}

struct Cluster {
    config: Config,
    now: Time,
    hosts: BTreeMap<ReplicaId, Host>,
    gate: Gate,
    wire: VecDeque<(ReplicaId, Incoming)>,
    replies: Vec<(ReplicaId, Reply)>,
    rejects: Vec<(ReplicaId, Effect<Prime>)>,
    /// Steps in which numbers were said again beside something else.
    floods: usize,
}

/// Whether numbers are said again, and something else too. Then they come last: an uplink that takes only
/// part of it drops the same each time.
fn floods(effects: &[Effect<Prime>]) -> bool {
    let again = |effect: &Effect<Prime>| {
        let Effect::Relay { to: To::Others, message } = effect else { return false };
        matches!(message, Incoming::PrePrepare(_) | Incoming::Prepare(_) | Incoming::Commit(_))
    };
    let Some(first) = effects.iter().position(again) else { return false };
    let says = |effect: &Effect<Prime>| matches!(effect, Effect::Send { .. });
    assert!(!effects[first..].iter().any(says), "a flood goes before: {effects:?}");
    effects[..first].iter().any(says)
}

fn client_update(config: &Config, client: u32, seq: u64, payload: &[u8]) -> Verified<Update> {
    let id = ClientId(client);
    let signer = Signer::new(Context::from(config), Arc::new(Stub(id.into())));
    let payload = Blob::new(payload.to_vec()).unwrap();
    signer.sign_all(id, vec![Update { seq: ClientSeq(seq), payload }]).remove(0)
}

impl Cluster {
    fn new(n: u16, f: u16, k: u16) -> Self {
        let config = Config::new(Digest::of("test", b"cluster"), n, f, k);
        let scheme = |id: ReplicaId| Arc::new(Stub(id.into()));
        let gate = Gate::new(Context::from(&config), scheme(ReplicaId(1)));
        let hosts = config.replicas().map(|id| {
            let signer = Signer::new(Context::from(&config), scheme(id));
            let host = Host { machine: None, effects: Effects::default(), log: Vec::new(), signer };
            (id, host)
        });
        let hosts = hosts.collect();
        let mut cluster = Self {
            config,
            now: Time(1),
            hosts,
            gate,
            wire: VecDeque::new(),
            replies: Vec::new(),
            rejects: Vec::new(),
            floods: 0,
        };
        for id in cluster.config.replicas() {
            cluster.start(id);
        }
        cluster
    }

    fn start(&mut self, id: ReplicaId) {
        let host = self.hosts.get_mut(&id).unwrap();
        host.machine = Some(Replica::new(&self.config, id, Box::new(Counter::default())));
        for record in host.log.clone() {
            self.step(id, Input::Recovered(record));
        }
        self.step(id, Input::Start(Memory::Whole));
    }

    fn kill(&mut self, id: ReplicaId) {
        self.hosts.get_mut(&id).unwrap().machine = None;
    }

    fn step(&mut self, id: ReplicaId, input: Input<Prime>) {
        let host = self.hosts.get_mut(&id).unwrap();
        let Some(machine) = &mut host.machine else { return };
        machine.step(self.now, input, &mut host.effects);
        let effects = host.effects.drain();
        self.floods += usize::from(floods(&effects));
        for effect in effects {
            match effect {
                Effect::Persist { record, .. } => host.log.push(record),
                Effect::Send { to, body } => {
                    let (mut sealed, _) = host.signer.seal::<Prime>(id, vec![body], Vec::new());
                    route(&self.config, &mut self.wire, id, to, &sealed.remove(0));
                }
                Effect::Relay { to, message } => {
                    route(&self.config, &mut self.wire, id, to, &message);
                }
                Effect::Reply(reply) => self.replies.push((id, reply)),
                effect @ Effect::Reject { .. } => self.rejects.push((id, effect)),
                Effect::Rewrite { records } => host.log = records,
                Effect::Executed { .. } | Effect::Restored { .. } => {}
            }
        }
    }

    /// Delivers everything, through bytes, and fires timers, for `rounds` of half a millisecond.
    fn run(&mut self, rounds: u32, mut deliver: impl FnMut(ReplicaId, &Incoming) -> bool) {
        for _ in 0..rounds {
            self.now = self.now.after(500);
            for _ in 0..self.wire.len() {
                let (to, message) = self.wire.pop_front().unwrap();
                let Some(machine) = &self.hosts[&to].machine else { continue };
                if deliver(to, &message) {
                    let bytes = wire::codec::encode(&Prime::message(&message));
                    let decoded = (machine.decoder())(&bytes).unwrap();
                    let admitted = Prime::admit(&self.gate, decoded).unwrap();
                    self.step(to, Input::Message(admitted));
                }
            }
            for id in self.config.replicas() {
                let due = self.hosts[&id].machine.as_ref().and_then(Machine::deadline);
                if due.is_some_and(|at| at <= self.now) {
                    self.step(id, Input::Timer);
                }
            }
        }
    }

    fn executed(&self, id: u16) -> u64 {
        self.hosts[&ReplicaId(id)].machine.as_ref().unwrap().status().updates
    }

    fn states(&self) -> Vec<Digest> {
        let machines = self.hosts.values().filter_map(|host| host.machine.as_ref());
        machines.map(|machine| machine.replicated()).collect()
    }
}

fn route(
    config: &Config,
    wire: &mut VecDeque<(ReplicaId, Incoming)>,
    from: ReplicaId,
    to: To,
    message: &Incoming,
) {
    let addressed = config.replicas().filter(|id| match to {
        To::All => true,
        To::Others => *id != from,
        To::One(one) => *id == one,
    });
    wire.extend(addressed.map(|id| (id, message.clone())));
}

#[test]
fn updates_are_executed_everywhere_in_one_order() {
    for (n, f, k) in [(4, 1, 0), (6, 1, 1), (7, 2, 0)] {
        let mut cluster = Cluster::new(n, f, k);
        for seq in 1..=40 {
            let update = client_update(&cluster.config, 1, seq, &seq.to_le_bytes());
            let originator = ReplicaId(u16::try_from(seq % u64::from(n)).unwrap() + 1);
            cluster.step(originator, Input::Update(update));
            cluster.run(1, |_, _| true);
        }
        cluster.run(200, |_, _| true);
        assert!((1..=n).all(|id| cluster.executed(id) == 40), "n = {n}");
        assert!(cluster.states().windows(2).all(|pair| pair[0] == pair[1]), "n = {n}");
        assert_eq!(cluster.replies.len(), 40 * usize::from(n), "n = {n}");
    }
}

#[test]
fn lost_messages_are_made_good() {
    let mut cluster = Cluster::new(4, 1, 0);
    let mut state = 7u32;
    let mut coin = move |to: ReplicaId, message: &Incoming| {
        if Prime::sender(message) == to {
            return true; // What a host tells itself is not on the network.
        }
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) > 70
    };
    for seq in 1..=30 {
        let update = client_update(&cluster.config, 1, seq, &seq.to_le_bytes());
        cluster.step(ReplicaId(u16::try_from(seq % 4).unwrap() + 1), Input::Update(update));
        cluster.run(3, &mut coin);
    }
    cluster.run(8000, &mut coin);
    assert!((1..=4).all(|id| cluster.executed(id) == 30), "{:?}", cluster.states());
    assert!(cluster.floods > 3, "{}", cluster.floods);
}

#[test]
fn a_replica_that_was_cut_off_is_brought_up_to_date() {
    let mut cluster = Cluster::new(4, 1, 0);
    for seq in 1..=100 {
        let update = client_update(&cluster.config, 1, seq, &seq.to_le_bytes());
        cluster.step(ReplicaId(u16::try_from(seq % 3).unwrap() + 1), Input::Update(update));
        cluster.run(4, |to, message| to != ReplicaId(4) && Prime::sender(message) != ReplicaId(4));
    }
    cluster.run(20, |to, message| to != ReplicaId(4) && Prime::sender(message) != ReplicaId(4));
    assert_eq!(cluster.executed(4), 0);
    assert_eq!(cluster.executed(1), 100);
    cluster.run(8000, |_, _| true);
    assert_eq!(cluster.executed(4), 100);
}

#[test]
fn all_replicas_killed_in_mid_load_forget_nothing_they_answered() {
    let mut cluster = Cluster::new(4, 1, 0);
    for seq in 1..=50 {
        let update = client_update(&cluster.config, 1, seq, &seq.to_le_bytes());
        cluster.step(ReplicaId(u16::try_from(seq % 4).unwrap() + 1), Input::Update(update));
        cluster.run(1, |_, _| true);
    }
    let answered = cluster.replies.iter().map(|(_, reply)| reply.seq.0).max().unwrap_or(0);
    assert!(answered > 10, "the kill comes in mid-load: {answered}");
    for id in 1..=4 {
        cluster.kill(ReplicaId(id));
    }
    cluster.wire.clear();
    for id in 1..=4 {
        cluster.start(ReplicaId(id));
    }
    assert!((1..=4).any(|id| cluster.executed(id) >= answered));
    // What was lost with the process is submitted again, as a client would.
    for seq in 1..=50 {
        let update = client_update(&cluster.config, 1, seq, &seq.to_le_bytes());
        cluster.step(ReplicaId(u16::try_from(seq % 4).unwrap() + 1), Input::Update(update));
    }
    cluster.run(4000, |_, _| true);
    assert!((1..=4).all(|id| cluster.executed(id) == 50));
    let blacklists = cluster.hosts.values().filter_map(|host| host.machine.as_ref());
    assert!(blacklists.into_iter().all(|machine| machine.status().blacklisted.is_empty()));
}

#[test]
fn replicas_restarted_in_turn_under_load_contradict_nothing() {
    let mut cluster = Cluster::new(4, 1, 0);
    let mut seq = 0;
    for round in 0..8u16 {
        let down = ReplicaId(round % 4 + 1);
        for _ in 0..10 {
            seq += 1;
            let update = client_update(&cluster.config, 1, seq, &seq.to_le_bytes());
            let originator = if down == ReplicaId(2) { ReplicaId(3) } else { ReplicaId(2) };
            cluster.step(originator, Input::Update(update));
            cluster.run(2, |_, _| true);
        }
        cluster.kill(down);
        cluster.run(50, |_, _| true);
        cluster.start(down);
        cluster.run(400, |_, _| true);
    }
    for missing in 1..=seq {
        let update = client_update(&cluster.config, 1, missing, &missing.to_le_bytes());
        cluster.step(ReplicaId(3), Input::Update(update));
    }
    cluster.run(4000, |_, _| true);
    assert!((1..=4).all(|id| cluster.executed(id) == seq));
    for host in cluster.hosts.values() {
        let machine = host.machine.as_ref().unwrap();
        assert!(machine.status().blacklisted.is_empty());
        assert!(machine.pre_order().equivocators.is_empty());
        assert!(!machine.order().leader_accused);
    }
}
