//! The reference implementation of Prime under the simulator's faults.

use sim::{Adversaries, Faults, Options, Report, Setup};

fn setup() -> Setup<prime::Replica> {
    sim::kv_setup(|config, me| wire::Machine::new(config, me, Box::new(kv::Store::default())))
}

fn options(replicas: u16, recovering: u16, faults: Faults) -> Options {
    Options { replicas, recovering, faults, adversaries: Adversaries::None, scenario: None }
}

fn assert_sound(report: &Report, options: &Options) {
    let (seed, Options { replicas, recovering, faults, .. }) = (report.seed, options);
    let line = format!("--replicas {replicas} --recovering {recovering} --seeds {seed}..");
    assert_eq!(report.violation, None, "{line}{} --faults {faults}", seed + 1);
    assert_eq!(report.executed, report.submitted, "{line}");
    assert!(report.executed > 2, "{line}");
}

#[test]
fn four_replicas_stand_network_faults_and_crashes() {
    let options = options(4, 0, Faults::Network);
    let summary = sim::suite(0..50, &options, &setup(), 2, |_| {});
    summary.violations.iter().for_each(|report| assert_sound(report, &options));
    assert_eq!(summary.runs, 50);
    assert!(summary.kills > 50 && summary.executed > 1_000);
}

#[test]
fn larger_clusters_stand_them_too() {
    for (replicas, recovering) in [(7, 0), (6, 1)] {
        let options = options(replicas, recovering, Faults::Network);
        for seed in 0..6 {
            assert_sound(&sim::run(seed, &options, &setup()), &options);
        }
    }
}

#[test]
fn nothing_is_slow_when_nothing_fails() {
    let options = options(4, 0, Faults::None);
    for seed in 0..12 {
        let report = sim::run(seed, &options, &setup());
        assert_sound(&report, &options);
        assert!(report.tally.max_latency < 1_500_000, "seed {seed}");
    }
}

#[test]
fn the_trace_depends_on_the_seed_alone() {
    let options = options(4, 0, Faults::Network);
    let trace = |threads| sim::suite(0..8, &options, &setup(), threads, |_| {}).trace;
    assert_eq!(trace(1), trace(3));
    let other = sim::suite(1..9, &options, &setup(), 1, |_| {}).trace;
    assert_ne!(trace(1), other);
}
