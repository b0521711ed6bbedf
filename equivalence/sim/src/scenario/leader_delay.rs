//! *Leader delay*: f faulty replicas, the first leader among them, make updates as slow as they can
//! without its being replaced ([`Attack::SlowLeader`]).
//!
//! The network is that of the report's section 7: every link takes 50 ms, no more and no less, so that
//! whatever time is lost is lost by the protocol. K_Lat is 2. PO-ARUs, Proof-Matrices and Pre-Prepares
//! of correct servers are 20 ms apart: D_agg. An originator gathers nothing. Hosts cost next to
//! nothing, and clients ask throughout, at times that have nothing to do with those periods.
//!
//! So L* is 50 ms (and 3 us for the hosts), TAT_acceptable 220 ms, and the bound
//! `6 L* + 2 K_Lat L* + 3 D_agg` 560 ms (and some us).
//!
//! Under robust rules ([`Monitoring::robust`]) D_agg is 100 ms, so that no more Proof-Matrices than
//! are forgiven fall into one TAT_acceptable, 370 ms; and the bound is 1,340 ms.

use crate::adversary::Attack;
use crate::parameters::{Crashes, Hosts, Links, Load, Parameters};
use std::collections::BTreeMap;
use wire::config::Timing;
use wire::{Config, Digest, Monitoring, ReplicaId};

/// Every link, in either direction. Unit: microseconds.
const LINK: u64 = 50_000;

/// By which rules the leader is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    Report,
    Robust,
}

/// D_agg under the report's rules. Unit: microseconds.
const AGGREGATION: u64 = 20_000;

/// D_agg under robust rules. Unit: microseconds.
const ROBUST_AGGREGATION: u64 = 100_000;

/// K_Lat under the report's rules. Unit: percent.
const K_LAT: u32 = 200;

/// How long clients ask. Unit: microseconds.
const ACTIVE: u64 = 4_000_000;

/// Mean time between two updates of a client. Unit: microseconds.
const THINK: u64 = 100_000;

/// The run of `seed`; the leader delays by `percent` of what it may.
pub(super) fn parameters(seed: u64, n: u16, k: u16, rules: Rules, percent: u32) -> Parameters {
    let f = (n - 2 * k - 1) / 3;
    assert!(f > 0, "a cluster needs at least 4 + 2k replicas");
    let mut config = Config::new(Digest::of_value("patchy leader delay 1", &seed), n, f, k);
    let (aggregation, rules) = match rules {
        Rules::Report => (AGGREGATION, Monitoring { k_lat: K_LAT, ..Monitoring::report() }),
        Rules::Robust => (ROBUST_AGGREGATION, Monitoring::robust()),
    };
    config.timing = Timing {
        po_request: 0,
        po_aru: aggregation,
        pre_prepare: aggregation,
        proof_matrix: aggregation,
        // Nothing is lost, so nothing need be sent again.
        retransmit: 10 * LINK + ACTIVE,
        ..config.timing
    };
    let (clients, outstanding) = (2 * u32::from(n), 64);
    // Nobody waits for a number.
    config.windows.preorder = 2 * u64::from(clients) * outstanding as u64;
    config.monitoring = Some(Monitoring { delta_pp: aggregation, ..rules });
    // The first leader, and those whose turn comes last.
    let accomplices = (n - f + 2..=n).map(ReplicaId);
    let attack = Attack::SlowLeader { percent };
    let faulty: BTreeMap<_, _> = accomplices.chain([ReplicaId(1)]).map(|id| (id, attack)).collect();
    assert_eq!(faulty.len(), usize::from(f));
    Parameters {
        config,
        links: Links::clean((LINK, LINK)),
        crashes: Crashes::none(),
        hosts: Hosts { busy: 1, write: 1, sync: 1, ..Hosts::free() },
        load: Load {
            clients,
            outstanding,
            updates: ACTIVE / THINK,
            probes: 2,
            think: THINK,
            probe_think: 50_000,
            probe_time: u64::MAX,
            burst: 1,
            payload: (0, 16),
            retry: 2_000_000,
        },
        faulty,
        stable_from: Some(0),
        active: ACTIVE,
        bound: 10_000_000,
    }
}
