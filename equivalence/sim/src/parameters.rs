//! What a run is like. The seed decides everything that the command line does not.
//!
//! Each kind of fault is absent in part of the seeds: a run with partitions alone goes where a
//! run with a little of everything never comes.

use crate::absence::Absence;
use crate::adversary::{Adversaries, Attack};
use crate::rng::Rng;
use crate::swarm;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use wire::{Config, Digest, Monitoring, Proofs, ReplicaId, View};

/// Which faults a run may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faults {
    /// Nothing fails; messages still take their time and overtake each other.
    None,
    /// Messages are lost, late, doubled and overtaken, links break, replicas are killed and
    /// restarted with their logs.
    Network,
    /// The seed picks everything: these faults, and slow processors, narrow uplinks, clocks that
    /// drift, timers that fire late, power cuts; leaders are monitored and replaced.
    Swarm,
}

/// The names, for messages to people.
const NAMES: [(&str, Faults); 3] =
    [("none", Faults::None), ("network", Faults::Network), ("swarm", Faults::Swarm)];

impl FromStr for Faults {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known.map(|(_, faults)| *faults).ok_or_else(|| {
            format!("there are no faults named `{name}`; choose {}", NAMES.map(|n| n.0).join(", "))
        })
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(_, faults)| faults == self).map_or("?", |(name, _)| name);
        f.write_str(name)
    }
}

/// How long clients go on once the faults have ended, where that must end. Unit: microseconds.
pub(crate) const PROBED: u64 = 3_000_000;

/// What the links between replicas do. Times are in microseconds, chances in parts per million.
#[derive(Clone, Debug)]
pub struct Links {
    /// Least time on each link is drawn once from this.
    pub latency: (u64, u64),
    /// Each message takes up to this much longer.
    pub jitter: u64,
    /// Messages of one link arrive in the order in which they were sent.
    pub in_order: bool,
    /// A message vanishes.
    pub lost: u32,
    /// A message arrives twice.
    pub doubled: u32,
    /// A message is held up by up to [`Links::straggle_us`].
    pub straggles: u32,
    /// How long the longest straggler takes.
    pub straggle_us: u64,
    /// Mean time between the end of one partition and the next; 0 for no partitions.
    pub partition_gap: u64,
    /// Mean length of a partition.
    pub partition_us: u64,
    /// What each replica can send, to all others together; 0 for no limit. Unit: bytes a second.
    pub uplink: u64,
    /// A message that would wait longer than this for its sender's uplink is lost.
    pub uplink_queue: u64,
}

/// When replicas are killed. Times are in microseconds.
#[derive(Clone, Debug)]
pub struct Crashes {
    /// Mean time between two kills; 0 for none.
    pub gap: u64,
    /// Mean time until the restart.
    pub down: u64,
    /// Most replicas down at a time, except when all are killed at once.
    pub at_once: usize,
    /// How often in the run all replicas are killed at once.
    pub all: u32,
    /// Replicas that stay down when the faults end. Any, but where leaders are not monitored never
    /// the first leader.
    pub frozen: usize,
    /// How many of the kills are power cuts, which take what the disk does not have yet. Parts per
    /// million; 0 at level *process*, which does not stand them.
    pub power_cuts: u32,
    /// Whether one replica loses its disk, once. It counts among the f + k with those that stay
    /// down and those that are Byzantine.
    pub lost_disk: bool,
    /// Who goes when, and comes back when, beside all that; nobody loses another disk then.
    pub absences: Vec<Absence>,
}

/// When a replica's promise may be relied upon; see [`wire::machine`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// When the kernel has it: stands the death of the process.
    Process,
    /// When the disk has it: stands power cuts too.
    Power,
}

/// What a host costs. Unit of times: microseconds.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// When promises may be relied upon.
    pub level: Level,
    /// One signature, over all that a round of work has to say.
    pub sign: u64,
    /// One verification. Each receiver of a message pays for all signatures in it that nobody had
    /// verified before.
    pub verify: u64,
    /// Clocks run up to this much too fast or too slow. Parts per million, below a million.
    pub drift: u32,
    /// How many timers fire late. Parts per million.
    pub late: u32,
    /// How late the latest of these fires.
    pub late_us: u64,
    /// Longest rest after each round of work, during which arrivals gather.
    pub busy: u64,
    /// Longest time until the kernel has a write.
    pub write: u64,
    /// Longest time until the disk has what the kernel has.
    pub sync: u64,
}

impl Links {
    /// Links on which everything takes as long as it takes, and no longer.
    #[must_use]
    pub fn clean(latency: (u64, u64)) -> Self {
        Self {
            latency,
            jitter: 0,
            in_order: false,
            lost: 0,
            doubled: 0,
            straggles: 0,
            straggle_us: 0,
            partition_gap: 0,
            partition_us: 0,
            uplink: 0,
            uplink_queue: 0,
        }
    }
}

impl Crashes {
    /// No replica is ever killed.
    #[must_use]
    pub fn none() -> Self {
        Self {
            gap: 0,
            down: 0,
            at_once: 0,
            all: 0,
            frozen: 0,
            power_cuts: 0,
            lost_disk: false,
            absences: Vec::new(),
        }
    }
}

impl Hosts {
    /// Hosts that cost nothing, at level *process*.
    #[must_use]
    pub fn free() -> Self {
        Self {
            level: Level::Process,
            sign: 0,
            verify: 0,
            drift: 0,
            late: 0,
            late_us: 0,
            busy: 0,
            write: 0,
            sync: 0,
        }
    }
}

/// What the clients do. Times are in microseconds.
#[derive(Clone, Debug)]
pub struct Load {
    /// How many clients.
    pub clients: u32,
    /// Most updates that one client has unanswered.
    pub outstanding: usize,
    /// Most updates that each client submits before the faults end.
    pub updates: u64,
    /// Updates that each client submits afterwards, to show that service goes on.
    pub probes: u64,
    /// Mean time between two bursts of a client.
    pub think: u64,
    /// The same once the faults have ended.
    pub probe_think: u64,
    /// How long clients go on submitting then.
    pub probe_time: u64,
    /// Most updates in a burst.
    pub burst: u64,
    /// Shortest and longest opaque payload. Unit: bytes.
    pub payload: (u64, u64),
    /// How long a client waits for an answer before it asks others.
    pub retry: u64,
}

/// Everything about one run but its seed.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// What the replicas are told.
    pub config: Config,
    /// Between replicas.
    pub links: Links,
    /// Of replicas.
    pub crashes: Crashes,
    /// Costs.
    pub hosts: Hosts,
    /// Work.
    pub load: Load,
    /// Who is Byzantine from start to end, and how: at most f.
    pub faulty: BTreeMap<ReplicaId, Attack>,
    /// From when on nothing fails, so that BOUNDED-DELAY is demanded; `None`: it is not. Unit:
    /// microseconds.
    pub stable_from: Option<u64>,
    /// How long faults last. Unit: microseconds.
    pub active: u64,
    /// Within what time everything must be answered and executed once they end. Microseconds.
    pub bound: u64,
}

impl Parameters {
    /// What `seed` makes of a cluster of `n` replicas of which `k` may be recovering.
    ///
    /// Panics on fewer than 4 + 2k replicas; the command line checks that.
    #[must_use]
    pub fn of_seed(seed: u64, n: u16, k: u16, faults: Faults) -> Self {
        let f = (n - 2 * k - 1) / 3;
        assert!(f > 0, "a cluster needs at least 4 + 2k replicas");
        let mut parameters = match faults {
            Faults::Swarm => swarm::parameters(seed, n, f, k),
            Faults::None | Faults::Network => Self::of_network(seed, n, f, k, faults),
        };
        // From a source of its own, so that the rest of each run is as it was without.
        if Rng::new(seed ^ 0x7072_6f6f_6673).chance(400_000) {
            parameters.config.proofs = Proofs::Threshold;
        }
        parameters
    }

    fn of_network(seed: u64, n: u16, f: u16, k: u16, faults: Faults) -> Self {
        let mut rng = Rng::new(seed ^ 0x7061_7261_6d73);
        let latency = latency(&mut rng);
        let slow = latency.1 + 1_000;
        let active = 1_500_000 + rng.below(1_500_000) + 20 * slow;
        let load = load(&mut rng, active, slow);
        let mut config = Config::new(Digest::of_value("patchy simulation 1", &seed), n, f, k);
        vary(&mut rng, &mut config, slow);
        let calm = faults == Faults::None;
        let at_once = usize::from(f + k);
        let links = links(&mut rng, latency, calm);
        let crashes = crashes(&mut rng, at_once, calm);
        let hosts = Hosts {
            busy: [20, 200, 1_000][rng.index(3)],
            write: [10, 200, 2_000][rng.index(3)],
            sync: [300, 2_000, 10_000][rng.index(3)],
            ..Hosts::free()
        };
        let bound = 5_000_000 + 200 * slow;
        let (faulty, stable_from) = (BTreeMap::new(), None);
        Self { config, links, crashes, hosts, load, faulty, stable_from, active, bound }
    }

    /// Makes from one to f replicas Byzantine, as `seed` chooses among `adversaries`.
    ///
    /// Leaders are monitored in such a run, since a faulty one could stop it otherwise; in some runs
    /// a faulty first leader is the second one too. Fewer replicas stay
    /// down when the faults end: frozen and faulty replicas together are within f + k.
    #[must_use]
    pub fn with(mut self, seed: u64, adversaries: Adversaries) -> Self {
        if adversaries == Adversaries::None {
            return self;
        }
        let mut rng = Rng::new(seed ^ 0x6279_7a61_6e74);
        let most = usize::from(self.config.f);
        let mut others: Vec<ReplicaId> = self.config.replicas().collect();
        let all: Vec<Attack> = Attack::all().collect();
        for _ in 0..=rng.index(most) {
            let leads = self.faulty.is_empty() && rng.chance(700_000);
            let first = others.iter().position(|id| leads && *id == self.first_leader());
            let chosen = others.swap_remove(first.unwrap_or_else(|| rng.index(others.len())));
            let attack = match adversaries {
                Adversaries::One(attack) => attack,
                Adversaries::All | Adversaries::None => all[rng.index(all.len())],
            };
            self.faulty.insert(chosen, attack);
        }
        let first = self.first_leader();
        if self.faulty.contains_key(&first) && rng.chance(500_000) {
            // Leads the next view too: a view change that its leader attacks.
            self.config.leaders.insert(1, first);
        }
        let room = most + usize::from(self.config.k) - self.faulty.len();
        self.crashes.lost_disk &= room > 0;
        self.crashes.frozen = self.crashes.frozen.min(room - usize::from(self.crashes.lost_disk));
        let rules = self.monitoring();
        self.config.monitoring.get_or_insert(rules);
        self.bound += 20_000_000;
        self
    }

    /// Rules under which a correct leader keeps its office on these links and hosts, once they are
    /// calm.
    fn monitoring(&self) -> Monitoring {
        let Links { latency, jitter, .. } = self.links;
        let robust = Monitoring::robust();
        let varies = 150 * (latency.0 + jitter) / latency.0;
        // A leader whose window is full waits for a number to be ordered: three ways and writes.
        let ordering = 3 * (latency.1 + jitter + self.hosts.write + self.hosts.busy);
        Monitoring {
            k_lat: robust.k_lat.max(u32::try_from(varies).unwrap_or(u32::MAX)).min(10_000),
            delta_pp: robust.delta_pp.max(2 * self.config.timing.pre_prepare),
            sched_slack: robust.sched_slack + ordering,
            ..robust
        }
    }

    /// Lets clients go on for `time` microseconds more once the faults have ended.
    pub(crate) fn go_on(&mut self, time: u64) {
        let load = &mut self.load;
        load.probes += load.burst * time / load.probe_think.max(1);
        load.probe_time = load.probe_time.min(PROBED).saturating_add(time);
        self.bound += time;
    }

    /// Whether nothing fails, so that load is steady.
    #[must_use]
    pub fn is_steady(&self) -> bool {
        let Links { lost, straggles, partition_gap, .. } = self.links;
        let Crashes { gap, all, lost_disk, ref absences, .. } = self.crashes;
        let killed = (gap, all) != (0, 0) || lost_disk || !absences.is_empty();
        !killed && (lost, straggles, partition_gap) == (0, 0, 0) && self.faulty.is_empty()
    }

    /// Whom the configuration makes leader first.
    #[must_use]
    pub fn first_leader(&self) -> ReplicaId {
        self.config.leader_of(View(0))
    }
}

/// A room, a campus or a continent.
pub(crate) fn latency(rng: &mut Rng) -> (u64, u64) {
    let (low, high) = [(30, 300), (200, 4_000), (3_000, 25_000)][rng.index(3)];
    let least = rng.range(low..=high);
    (least, rng.range(least..=high))
}

/// Periods that suit the links, and windows from tight to wide.
fn vary(rng: &mut Rng, config: &mut Config, slow: u64) {
    let scale = 1 + rng.below(1 + slow / 1_000);
    let timing = &mut config.timing;
    timing.po_request *= scale;
    timing.po_aru *= scale;
    timing.pre_prepare *= scale;
    timing.proof_matrix += 4 * slow;
    timing.retransmit += 4 * slow;
    if rng.chance(500_000) {
        config.windows.preorder = rng.range(8..=64);
    }
    if rng.chance(500_000) {
        config.windows.order = rng.range(8..=64);
    }
    if rng.chance(500_000) {
        config.windows.client = rng.range(32..=128);
    }
    // Half of the runs see many checkpoints, and servers that need another's state.
    let most = 8 * config.windows.order;
    config.windows.checkpoint = if slow.is_multiple_of(2) { 4 + slow % 13 } else { most.min(256) };
}

fn load(rng: &mut Rng, active: u64, slow: u64) -> Load {
    let clients = rng.range(1..=6);
    let updates = rng.range(12..=120) / clients + 1;
    let burst = rng.range(1..=8);
    Load {
        clients: u32::try_from(clients).expect("few clients"),
        outstanding: rng.index(16) + 1,
        updates,
        probes: 2,
        think: active * burst / (updates * 3),
        probe_think: 50_000.min(active * burst / (updates * 3)),
        probe_time: u64::MAX,
        burst,
        payload: [(0, 16), (100, 600), (0, 4_000)][rng.index(3)],
        retry: 150_000 + 10 * slow,
    }
}

fn links(rng: &mut Rng, latency: (u64, u64), calm: bool) -> Links {
    let jitter = [latency.1 / 10, latency.1, 4 * latency.1][rng.index(3)];
    let mut some =
        |of: &[u32]| if calm || rng.chance(400_000) { 0 } else { of[rng.index(of.len())] };
    let (lost, doubled, straggles) =
        (some(&[1_000, 20_000, 150_000]), some(&[5_000, 100_000]), some(&[2_000, 20_000]));
    let parted = some(&[1, 2, 3]);
    Links {
        latency,
        jitter,
        in_order: rng.chance(300_000),
        lost,
        doubled,
        straggles,
        straggle_us: [50_000, 1_000_000][rng.index(2)],
        partition_gap: u64::from(parted) * 200_000,
        partition_us: [50_000, 300_000, 800_000][rng.index(3)],
        uplink: 0,
        uplink_queue: 0,
    }
}

fn crashes(rng: &mut Rng, at_once: usize, calm: bool) -> Crashes {
    let mut some = |ppm: u32| !calm && rng.chance(ppm);
    let (kills, all, frozen) = (some(700_000), some(300_000), some(400_000));
    Crashes {
        gap: if kills { [100_000, 500_000][rng.index(2)] } else { 0 },
        down: [5_000, 100_000, 600_000][rng.index(3)],
        at_once,
        all: if all { 1 + u32::from(rng.chance(300_000)) } else { 0 },
        frozen: if frozen { 1 + rng.index(at_once) } else { 0 },
        power_cuts: 0,
        lost_disk: false,
        absences: Vec::new(),
    }
}
