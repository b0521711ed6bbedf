//! The reference implementation of Prime when the seed picks everything.

use sim::{Adversaries, Faults, Options, Setup, Summary};
use wire::Proofs;

fn setup() -> Setup<prime::Replica> {
    sim::kv_setup(|config, me| wire::Machine::new(config, me, Box::new(kv::Store::default())))
}

fn swarm(replicas: u16, recovering: u16, seeds: std::ops::Range<u64>) -> Summary {
    let adversaries = Adversaries::None;
    let faults = Faults::Swarm;
    let options = Options { replicas, recovering, faults, adversaries, scenario: None };
    let summary = sim::suite(seeds, &options, &setup(), 2, |_| {});
    for run in &summary.violations {
        eprintln!("{replicas} replicas, seed {}: {:?}", run.seed, run.violation);
    }
    assert!(summary.violations.is_empty());
    summary
}

#[test]
fn four_replicas_stand_everything_at_once() {
    let summary = swarm(4, 0, 0..16);
    assert!(summary.kills > 50 && summary.executed > 1_000 && summary.view_changes > 3);
    assert!(summary.executed == summary.submitted);
}

/// Both kinds of proofs, in runs with view changes.
#[test]
fn view_changes_are_proven_by_certificates_and_by_threshold_signatures() {
    let mut changed = [0, 0];
    for seed in 16..48 {
        let parameters = sim::Parameters::of_seed(seed, 4, 0, Faults::Swarm);
        let kind = usize::from(parameters.config.proofs == Proofs::Threshold);
        let report = sim::run_with(seed, parameters, &setup(), None);
        assert_eq!(report.violation, None, "seed {seed}");
        changed[kind] += report.tally.sent.get("VcProof").copied().unwrap_or_default();
    }
    assert!(changed.iter().all(|count| *count > 10), "{changed:?}");
}

#[test]
fn a_replica_that_loses_its_disk_takes_part_again() {
    let mut lost = 0;
    for seed in 0..24 {
        let parameters = sim::Parameters::of_seed(seed, 4, 0, Faults::Swarm);
        if parameters.crashes.lost_disk {
            let report = sim::run_with(seed, parameters, &setup(), None);
            assert_eq!(report.violation, None, "seed {seed}");
            lost += 1;
        }
    }
    assert!(lost > 3);
}

/// A new life passes numbers over, and then everybody reads its log: what was certified beyond those
/// numbers is certified still.
#[test]
fn all_lose_power_after_a_lost_disk() {
    swarm(4, 0, 121..122);
}

/// One that lost its disk refuses what clients ask of it while all others are steady.
#[test]
fn nobody_owes_what_a_server_without_a_log_refuses() {
    let summary = swarm(4, 0, 10_471..10_472);
    let measured = summary.nearest.expect("its leaders are monitored");
    assert!(measured.judged > 1_000, "{measured:?}");
}

#[test]
fn larger_clusters_stand_it_too() {
    assert!(swarm(7, 0, 0..3).executed > 50);
    assert!(swarm(6, 1, 0..3).executed > 50);
}
