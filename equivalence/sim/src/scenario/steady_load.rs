//! *Steady load*: how fast a cluster is simulated that has something to do.
//!
//! A network of one place, hosts with time to spare, nothing fails. A hundred clients ask for 1,000
//! updates of 512 bytes a second. PO-Requests, PO-ARUs and Pre-Prepares gather for 100 ms each, so an
//! update costs what its execution, its copies and its share of a batch cost, and not the messages of
//! a round of its own. Leaders are monitored by the robust rules, and a checkpoint is taken every 64
//! numbers, some six seconds.
//!
//! What it is to show: simulated seconds a second at a density that is stated with it.

use crate::parameters::{Crashes, Hosts, Level, Links, Load, Parameters};
use wire::{Config, Digest, Monitoring};

/// How long clients ask. Unit: microseconds.
const ACTIVE: u64 = 10_000_000;

/// Updates a second that all clients together ask for.
const RATE: u64 = 1_000;

/// How many clients share that.
const CLIENTS: u32 = 100;

/// What a replica gathers before it says something. Unit: microseconds.
const AGGREGATION: u64 = 100_000;

/// The run of `seed`.
pub(super) fn parameters(seed: u64, n: u16, k: u16) -> Parameters {
    let f = (n - 2 * k - 1) / 3;
    assert!(f > 0, "a cluster needs at least 4 + 2k replicas");
    let mut config = Config::new(Digest::of_value("patchy steady load 1", &seed), n, f, k);
    let timing = &mut config.timing;
    (timing.po_request, timing.po_aru, timing.pre_prepare) =
        (AGGREGATION, AGGREGATION, AGGREGATION);
    (timing.proof_matrix, timing.retransmit) = (2 * AGGREGATION, 5 * AGGREGATION);
    config.monitoring = Some(Monitoring { delta_pp: 2 * AGGREGATION, ..Monitoring::robust() });
    config.windows.checkpoint = 64;
    let think = 1_000_000 * u64::from(CLIENTS) / RATE;
    Parameters {
        config,
        links: Links {
            latency: (1_000, 5_000),
            jitter: 500,
            in_order: true,
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
            busy: 200,
            write: 200,
            sync: 2_000,
            level: Level::Process,
            sign: 20,
            verify: 20,
            drift: 0,
            late: 0,
            late_us: 0,
        },
        load: Load {
            clients: CLIENTS,
            outstanding: 64,
            updates: ACTIVE / think,
            probes: 2,
            think,
            probe_think: 50_000,
            probe_time: u64::MAX,
            burst: 1,
            payload: (512, 512),
            retry: 2_000_000,
        },
        faulty: std::collections::BTreeMap::new(),
        stable_from: Some(0),
        active: ACTIVE,
        bound: 10_000_000,
    }
}
