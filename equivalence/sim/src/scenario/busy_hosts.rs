//! *Busy hosts*: the default rules of robust monitoring ([`Monitoring::robust`]) keep a correct leader
//! where hosts have other things to do.
//!
//! A network of one place, whose latencies vary by up to ten times; processes that rest for up to 20 ms
//! after each round of work; timers of which a tenth fire up to 20 ms late, the leader's like
//! everybody's; clients that ask in bursts. All within what K_Lat, the floor of round trips and the
//! slack for scheduling grant. f of the others want the leader replaced ([`Attack::Slanderer`]).
//!
//! What it is to show: no view change, whatever the seed.

use crate::adversary::Attack;
use crate::parameters::{Crashes, Hosts, Level, Links, Load, Parameters};
use crate::rng::Rng;
use wire::{Config, Digest, Monitoring, ReplicaId};

/// How long clients ask. Unit: microseconds.
const ACTIVE: u64 = 3_000_000;

/// The run of `seed`.
pub(super) fn parameters(seed: u64, n: u16, k: u16) -> Parameters {
    let f = (n - 2 * k - 1) / 3;
    assert!(f > 0, "a cluster needs at least 4 + 2k replicas");
    let mut rng = Rng::new(seed ^ 0x6275_7379);
    let mut config = Config::new(Digest::of_value("patchy busy hosts 1", &seed), n, f, k);
    config.monitoring = Some(Monitoring::robust());
    let burst = rng.range(1..=32);
    let clients = rng.range(2..=8);
    let think = [50_000, 200_000, 500_000][rng.index(3)];
    Parameters {
        config,
        links: Links {
            latency: (50, 300),
            jitter: [30, 500, 3_000][rng.index(3)],
            in_order: rng.chance(500_000),
            lost: 0,
            doubled: 0,
            straggles: 0,
            straggle_us: 0,
            partition_gap: 0,
            partition_us: 0,
            uplink: 0,
            uplink_queue: 0,
        },
        crashes: Crashes::none(),
        hosts: Hosts {
            busy: [1_000, 5_000, 20_000][rng.index(3)],
            write: [10, 200, 1_000][rng.index(3)],
            sync: 5_000,
            level: Level::Process,
            sign: 0,
            verify: 0,
            drift: [0, 200][rng.index(2)],
            late: 100_000,
            late_us: 20_000,
        },
        load: Load {
            clients: u32::try_from(clients).expect("few clients"),
            outstanding: 64,
            updates: ACTIVE * burst / think / 2,
            probes: 2,
            think,
            probe_think: 50_000,
            probe_time: u64::MAX,
            burst,
            payload: (0, 600),
            retry: 1_000_000,
        },
        faulty: (n - f + 1..=n).map(|id| (ReplicaId(id), Attack::Slanderer)).collect(),
        stable_from: Some(0),
        active: ACTIVE,
        bound: 10_000_000,
    }
}
