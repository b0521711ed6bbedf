//! What a run is like when the seed picks everything.
//!
//! What a cluster is told (periods, windows, how leaders are judged) suits the links and hosts it
//! gets: once the faults have ended, a correct leader keeps its office. What the load asks for
//! stays below what processors and uplinks give, or no protocol could be live.

use crate::parameters::{Crashes, Hosts, Level, Links, Load, PROBED, Parameters, latency};
use crate::rng::Rng;
use std::collections::BTreeMap;
use wire::monitoring::{Mode, Monitoring};
use wire::{Config, Digest};

/// What a message carries beside its payload: names, numbers, signature and path. Unit: bytes.
const OVERHEAD: u64 = 300;

/// What the rest of a run must suit.
struct Scale {
    /// Replicas.
    n: u64,
    /// Updates that clients ask for. Unit: updates a second.
    rate: u64,
    /// What is gathered before it is said. Unit: microseconds.
    aggregate: u64,
    /// Longest opaque payload. Unit: bytes.
    payload: u64,
}

impl Scale {
    /// Global numbers a second, at most.
    fn rounds(&self) -> u64 {
        (1_000_000 / self.aggregate).min(4 * self.rate).max(1)
    }

    /// What one replica sends in one round of ordering, payload aside. Unit: bytes.
    fn round_bytes(&self) -> u64 {
        let matrix = self.n * (8 * self.n + OVERHEAD);
        (self.n - 1) * (2 * matrix + 6 * OVERHEAD)
    }

    /// What one replica sends if all updates are its own, twice over. Unit: bytes a second.
    fn bytes(&self) -> u64 {
        let payload = 2 * self.rate * (self.payload + OVERHEAD) * (self.n - 1);
        payload + self.rounds() * self.round_bytes()
    }
}

/// What `seed` makes of a cluster.
pub(crate) fn parameters(seed: u64, n: u16, f: u16, k: u16) -> Parameters {
    let mut rng = Rng::new(seed ^ 0x0073_7761_726d);
    let rate = draw_rate(&mut rng);
    let aggregate = [500, 2_000, 10_000, 30_000, 100_000][rng.index(5)];
    let scale = Scale {
        n: u64::from(n),
        rate,
        // Thousands of rounds a second show nothing that hundreds do not.
        aggregate: if rate > 50 { aggregate.max(10_000) } else { aggregate },
        payload: [16, 600, 4_000][if rate > 200 { rng.index(2) } else { rng.index(3) }],
    };
    let links = links(&mut rng, &scale);
    let hosts = hosts(&mut rng, &scale);
    let hop = hop(&scale, &links, &hosts);
    let mut config = Config::new(Digest::of_value("patchy simulation 2", &seed), n, f, k);
    set_timing(&mut rng, &mut config, &scale, hop);
    let least = set_monitoring(&mut rng, &mut config, &links, hop);
    set_windows(&mut rng, &mut config, hop);
    let active = rng.range(8_000_000..=12_000_000);
    let load = load(&mut rng, &scale, active, hop);
    let crashes = crashes(&mut rng, usize::from(f + k), hosts.level);
    // A leader that is down is found out after twice what is granted to it, and there may be
    // f + k of them in a row; each change of views takes some ways and, at worst, repetitions.
    let change = 2 * least + 40 * hop + 4 * config.timing.retransmit;
    let bound = PROBED + 10_000_000 + 200 * hop + u64::from(f + k + 1) * change;
    let (faulty, stable_from) = (BTreeMap::new(), None);
    Parameters { config, links, crashes, hosts, load, faulty, stable_from, active, bound }
}

/// From a trickle to a thousand a second, every order of magnitude as often.
fn draw_rate(rng: &mut Rng) -> u64 {
    let (low, high) = [(1, 10), (10, 100), (100, 1_000)][rng.index(3)];
    rng.range(low..=high)
}

/// One of `of`, or 0 in two of five runs.
fn some(rng: &mut Rng, of: &[u32]) -> u32 {
    if rng.chance(400_000) { 0 } else { of[rng.index(of.len())] }
}

fn links(rng: &mut Rng, scale: &Scale) -> Links {
    let latency = latency(rng);
    let parted = some(rng, &[1, 5, 20]);
    let roomy = some(rng, &[4, 10, 40]);
    Links {
        latency,
        jitter: [latency.1 / 10, latency.1, 4 * latency.1][rng.index(3)],
        in_order: rng.chance(300_000),
        lost: some(rng, &[1_000, 20_000, 150_000]),
        doubled: some(rng, &[5_000, 100_000]),
        straggles: some(rng, &[2_000, 20_000]),
        straggle_us: [50_000, 1_000_000][rng.index(2)],
        partition_gap: u64::from(parted) * 200_000,
        partition_us: [50_000, 500_000, 2_000_000][rng.index(3)],
        uplink: u64::from(roomy) * scale.bytes(),
        uplink_queue: [100_000, 1_000_000][rng.index(2)],
    }
}

fn hosts(rng: &mut Rng, scale: &Scale) -> Hosts {
    // Three tenths of a processor at most go into signatures.
    let messages = scale.rounds() * 8 * scale.n + 2 * scale.rate;
    let most = 300_000 / messages;
    Hosts {
        level: [Level::Process, Level::Power][rng.index(2)],
        sign: u64::from(some(rng, &[15, 100])).min(most),
        verify: u64::from(some(rng, &[40, 300])).min(most),
        drift: some(rng, &[20, 500, 5_000]),
        late: some(rng, &[1_000, 100_000]),
        late_us: [1_000, 20_000][rng.index(2)],
        busy: [20, 200, 1_000][rng.index(3)],
        write: [10, 200, 2_000][rng.index(3)],
        sync: [300, 2_000, 10_000][rng.index(3)],
    }
}

/// Longest time from one host's word to what another makes of it, in the calm. Microseconds.
fn hop(scale: &Scale, links: &Links, hosts: &Hosts) -> u64 {
    let disk = match hosts.level {
        Level::Process => 2 * hosts.write,
        Level::Power => 2 * hosts.write + 2 * hosts.sync,
    };
    let late = if hosts.late > 0 { hosts.late_us } else { 0 };
    let batch = 1 + scale.rate * scale.aggregate / 1_000_000;
    let checks = hosts.sign + hosts.verify * (8 * scale.n + batch);
    let burst = 2 * scale.round_bytes() + 2 * batch * (scale.payload + OVERHEAD) * (scale.n - 1);
    let upload = (burst * 1_000_000).checked_div(links.uplink).unwrap_or(0);
    links.latency.1 + links.jitter + 2 * hosts.busy + disk + late + checks + upload
}

fn set_timing(rng: &mut Rng, config: &mut Config, scale: &Scale, hop: u64) {
    let timing = &mut config.timing;
    timing.po_request = scale.aggregate;
    timing.po_aru = (scale.aggregate / rng.range(1..=2)).max(1);
    // The window of numbers under way must not slow a leader down; see `Monitoring`.
    timing.pre_prepare = scale.aggregate.max(hop / 2);
    timing.proof_matrix = rng.range(0..=20_000) + hop;
    timing.retransmit = 50_000 + 6 * hop + 2 * scale.aggregate;
    // Within a run some lives are heeded and some are not.
    timing.renewal = 2_000_000;
}

/// Has leaders judged by what calm links and hosts allow; gives the most that is granted to one.
fn set_monitoring(rng: &mut Rng, config: &mut Config, links: &Links, hop: u64) -> u64 {
    let varies = hop - links.latency.1;
    let outliers = u16::try_from(rng.below(6)).expect("below 6");
    let robust = Mode::Robust { outliers, window: [2_000_000, 10_000_000][rng.index(2)] };
    let rules = Monitoring {
        period: rng.range(20_000..=100_000) + 2 * hop,
        k_lat: u32::try_from(rng.range(150..=300)).expect("below 300"),
        delta_pp: 2 * config.timing.pre_prepare + 2 * hop,
        rtt_floor: [0, 8_000][rng.index(2)],
        sched_slack: 6 * varies + 20_000,
        stall_min: rng.chance(700_000).then_some(10_000),
        mode: if rng.chance(300_000) { Mode::Report } else { robust },
    };
    let way = (2 * hop).max(rules.rtt_floor);
    let most = way * u64::from(rules.k_lat) / 100 + rules.delta_pp + rules.sched_slack;
    let least = most + rules.period;
    config.monitoring = Some(rules);
    least
}

fn set_windows(rng: &mut Rng, config: &mut Config, hop: u64) {
    let windows = &mut config.windows;
    // Ordering takes four hops, so that many numbers are under way at once.
    let order = 4 + 2 * (4 * hop).div_ceil(config.timing.pre_prepare);
    windows.order = if rng.chance(500_000) { order.max(8) } else { order.max(64) };
    windows.preorder = if rng.chance(500_000) { rng.range(16..=64) } else { 256 };
    windows.client = if rng.chance(500_000) { rng.range(64..=128) } else { 1_024 };
    let most = 8 * windows.order;
    windows.checkpoint = if rng.chance(600_000) { rng.range(4..=32) } else { most.min(256) };
}

fn load(rng: &mut Rng, scale: &Scale, active: u64, hop: u64) -> Load {
    let clients = if scale.rate > 100 { rng.range(8..=24) } else { rng.range(1..=8) };
    let share = scale.rate * active / 1_000_000 / clients;
    let burst = rng.range(1..=8);
    let think = clients * burst * 1_000_000 / scale.rate / 2;
    Load {
        clients: u32::try_from(clients).expect("few clients"),
        outstanding: rng.index(64) + 1,
        updates: share.max(2),
        probes: 2 + share * PROBED / active,
        think,
        probe_think: think.min(PROBED / 4),
        probe_time: PROBED,
        burst,
        payload: (scale.payload / 8, scale.payload),
        retry: 200_000 + 20 * hop + 4 * scale.aggregate,
    }
}

fn crashes(rng: &mut Rng, at_once: usize, level: Level) -> Crashes {
    let (kills, all, frozen) = (rng.chance(600_000), rng.chance(300_000), rng.chance(500_000));
    let mut crashes = Crashes {
        gap: if kills { [300_000, 2_000_000][rng.index(2)] } else { 0 },
        down: [5_000, 100_000, 1_000_000][rng.index(3)],
        at_once,
        all: if all { 1 + u32::from(rng.chance(300_000)) } else { 0 },
        frozen: if frozen { 1 + rng.index(at_once) } else { 0 },
        power_cuts: if level == Level::Power { 500_000 } else { 0 },
        lost_disk: rng.chance(200_000),
        absences: Vec::new(),
    };
    crashes.frozen = crashes.frozen.min(at_once - usize::from(crashes.lost_disk));
    crashes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::Faults;

    #[test]
    fn every_seed_gives_a_configuration_that_can_work() {
        for (n, k) in [(4, 0), (6, 1), (7, 0), (10, 0), (11, 2)] {
            for seed in 0..200 {
                let drawn = Parameters::of_seed(seed, n, k, Faults::Swarm);
                assert_eq!(drawn.config.check(), Ok(()), "seed {seed}");
                let client = usize::try_from(drawn.config.windows.client).unwrap();
                assert!(drawn.load.outstanding <= client, "seed {seed}");
            }
        }
    }

    /// Whoever lost its log fetches a state, and what it fetches is kept for that long.
    #[test]
    fn load_is_not_steady_where_a_disk_is_lost_though_nothing_else_fails() {
        let mut drawn = Parameters::of_seed(9_792, 4, 0, Faults::Swarm);
        assert!(drawn.crashes.lost_disk && !drawn.is_steady());
        drawn.crashes.lost_disk = false;
        assert!(drawn.is_steady());
    }

    #[test]
    fn every_kind_of_fault_is_there_and_absent() {
        let all: Vec<_> =
            (0..100).map(|seed| Parameters::of_seed(seed, 4, 0, Faults::Swarm)).collect();
        let both = |holds: fn(&Parameters) -> bool| {
            assert!(all.iter().any(holds) && !all.iter().all(holds));
        };
        both(|p| p.links.uplink > 0);
        both(|p| p.links.lost > 0);
        both(|p| p.links.partition_gap > 0);
        both(|p| p.hosts.sign > 0);
        both(|p| p.hosts.verify > 0);
        both(|p| p.hosts.drift > 0);
        both(|p| p.hosts.late > 0);
        both(|p| p.hosts.level == Level::Power);
        both(|p| p.crashes.gap > 0);
        both(|p| p.crashes.all > 0);
        both(|p| p.crashes.frozen > 0);
        both(|p| p.crashes.lost_disk);
        both(|p| p.config.monitoring.as_ref().is_some_and(|rules| rules.mode == Mode::Report));
    }
}
