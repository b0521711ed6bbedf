//! The simulator's own machinery, on a machine small enough to be trusted; and a planted
//! violation for every check.

#[path = "../../boundary/examples/toy/machine.rs"]
mod toy;

use sim::{Adversaries, Attack, Faults, Kind, Options, Parameters, Report, Setup};
use toy::{Toy, Wrong};
use wire::{Machine, ReplicaId};

/// A cluster in which replica `at` does `wrong`.
fn setup(at: u16, wrong: Wrong) -> Setup<Toy> {
    Setup {
        machine: Box::new(move |config, me, _| {
            let mut toy = Toy::new(config, me, Box::new(kv::Store::default()));
            toy.wrong = if me == ReplicaId(at) { wrong } else { Wrong::Nothing };
            toy
        }),
        service: || Box::new(kv::Store::default()),
        payload: |rng, load| {
            let length = rng.range(load.payload.0..=load.payload.1);
            rng.bytes(usize::try_from(length).expect("short"))
        },
        deaths_tolerated: 0,
        overrides: sim::Overrides::default(),
        cryptography: sim::Cryptography::Stub,
        told: false,
    }
}

fn options(faults: Faults) -> Options {
    let adversaries = Adversaries::None;
    Options { replicas: 4, recovering: 0, faults, adversaries, scenario: None }
}

fn run(seed: u64, faults: Faults, setup: &Setup<Toy>) -> Report {
    sim::run(seed, &options(faults), setup)
}

#[test]
fn a_sound_machine_passes_with_and_without_faults() {
    let sound = setup(1, Wrong::Nothing);
    for faults in [Faults::None, Faults::Network] {
        for seed in 0..60 {
            let report = run(seed, faults, &sound);
            assert_eq!(report.violation, None, "seed {seed}, {faults}");
            assert!(report.executed > 2 && report.executed == report.submitted);
            assert_eq!(report.tally.answered, report.submitted);
        }
    }
}

#[test]
fn faults_really_happen() {
    let sound = setup(1, Wrong::Nothing);
    let reports: Vec<_> = (0..20).map(|seed| run(seed, Faults::Network, &sound)).collect();
    assert!(reports.iter().filter(|report| report.tally.kills > 1).count() > 5);
    assert!(reports.iter().any(|report| !report.tally.rejects.is_empty()));
    let calm: Vec<_> = (0..20).map(|seed| run(seed, Faults::None, &sound)).collect();
    assert!(calm.iter().all(|report| report.tally.kills == 0));
}

#[test]
fn one_seed_gives_one_trace_and_two_seeds_two() {
    let sound = setup(1, Wrong::Nothing);
    let trace = |seed| run(seed, Faults::Network, &sound).trace;
    assert_eq!(trace(5), trace(5));
    assert_ne!(trace(5), trace(6));
}

#[test]
fn a_recorder_sees_every_step() {
    let mut steps = 0;
    let report = sim::record(
        1,
        &options(Faults::None),
        &setup(1, Wrong::Nothing),
        &mut |sample: &sim::Sample<'_, Toy>| {
            let _ = sample.machine.fork();
            steps += 1;
        },
    );
    assert_eq!(report.tally.steps, steps);
}

/// Asserts that some seed finds `wrong`, done by replica `at`, and that whatever is found first
/// is one of `kinds`.
fn is_caught(at: u16, wrong: Wrong, faults: Faults, kinds: &[Kind]) {
    let planted = setup(at, wrong);
    let found: Vec<_> = (0..12).filter_map(|seed| run(seed, faults, &planted).violation).collect();
    assert!(!found.is_empty(), "{wrong:?} was never found");
    for violation in found {
        assert!(kinds.contains(&violation.kind), "{wrong:?}: {violation}");
    }
}

#[test]
fn disorder_repetition_and_invention_are_caught() {
    is_caught(3, Wrong::Backwards, Faults::None, &[Kind::Agreement, Kind::ExactlyOnce]);
    is_caught(3, Wrong::Twice, Faults::None, &[Kind::Agreement, Kind::ExactlyOnce]);
    is_caught(2, Wrong::Invents, Faults::None, &[Kind::Agreement, Kind::Validity]);
}

#[test]
fn lies_and_equivocation_are_caught() {
    is_caught(2, Wrong::Lies, Faults::None, &[Kind::Answer]);
    is_caught(1, Wrong::Equivocates, Faults::None, &[Kind::Equivocation]);
}

#[test]
fn a_replica_that_persists_nothing_is_caught_by_crashes_alone() {
    let kinds = [Kind::Agreement, Kind::Progress, Kind::Equivocation, Kind::ExactlyOnce];
    is_caught(1, Wrong::Forgets, Faults::Network, &kinds);
    let planted = setup(1, Wrong::Forgets);
    assert!((0..12).all(|seed| run(seed, Faults::None, &planted).violation.is_none()));
}

#[test]
fn panics_and_sleep_are_caught() {
    is_caught(2, Wrong::Panics, Faults::None, &[Kind::Death]);
    is_caught(1, Wrong::Sleeps, Faults::None, &[Kind::Progress]);
}

#[test]
fn a_panic_may_be_tolerated_and_tells_its_place() {
    let mut planted = setup(2, Wrong::Panics);
    planted.deaths_tolerated = 1;
    let report = run(3, Faults::None, &planted);
    assert_eq!(report.violation, None);
    let (replica, died) = &report.tally.deaths[0];
    assert_eq!(*replica, ReplicaId(2));
    assert!(died.location.contains("machine.rs:"), "{died}");
    assert_eq!(died.message, "the planted panic");
}

#[test]
fn accusation_drift_and_deafness_are_caught() {
    is_caught(2, Wrong::Accuses, Faults::None, &[Kind::Blacklist]);
    is_caught(2, Wrong::Drifts, Faults::None, &[Kind::State]);
    is_caught(2, Wrong::Deaf, Faults::None, &[Kind::Refused]);
}

#[test]
fn what_a_faulty_replica_does_is_no_violation_and_what_others_do_is() {
    let wrongs = [
        Wrong::Backwards,
        Wrong::Twice,
        Wrong::Invents,
        Wrong::Lies,
        Wrong::Equivocates,
        Wrong::Panics,
        Wrong::Sleeps,
        Wrong::Accuses,
        Wrong::Drifts,
    ];
    for wrong in wrongs {
        // The toy's clients are answered by whoever is left, but not without its sequencer.
        let planted = setup(3, wrong);
        let found = |faulty: u16, seed| {
            let mut parameters = Parameters::of_seed(seed, 4, 0, Faults::None);
            parameters.faulty.insert(ReplicaId(faulty), Attack::Given);
            sim::run_with(seed, parameters, &planted, None).violation
        };
        assert!((0..6).all(|seed| found(3, seed).is_none()), "{wrong:?}");
        let elsewhere = (0..6).any(|seed| found(4, seed).is_some());
        // The toy equivocates as sequencer only.
        assert!(elsewhere || wrong == Wrong::Equivocates, "{wrong:?}");
    }
}

#[test]
fn decoders_that_differ_are_caught_whoever_sent_the_bytes() {
    let planted = setup(2, Wrong::Deaf);
    let mut parameters = Parameters::of_seed(1, 4, 0, Faults::None);
    parameters.faulty.insert(ReplicaId(1), Attack::Given);
    let report = sim::run_with(1, parameters, &planted, None);
    let violation = report.violation.expect("one of three refuses what two let through");
    assert_eq!(violation.kind, Kind::Refused);
    assert!(violation.detail.contains("decoders differ"), "{violation}");
}

#[test]
fn floods_and_spinning_are_caught() {
    is_caught(2, Wrong::Floods, Faults::None, &[Kind::Bound]);
    let mut parameters = Parameters::of_seed(1, 4, 0, Faults::None);
    parameters.hosts.busy = 0;
    parameters.active = 12_000_000;
    let report = sim::run_with(1, parameters, &setup(2, Wrong::Spins), None);
    assert_eq!(report.violation.map(|violation| violation.kind), Some(Kind::Livelock));
}

#[test]
fn a_failing_run_is_made_small_and_stays_the_same_failure() {
    let mut planted = setup(2, Wrong::Panics);
    let options = options(Faults::Swarm);
    let large = run(3, Faults::Swarm, &planted);
    let small = sim::minimise(3, &options, &mut planted).expect("it fails");
    assert_eq!(small.report.violation.as_ref().map(|found| found.kind), Some(Kind::Death));
    // The third request kills, whatever else happens.
    let few = small.overrides;
    assert_eq!((few.clients, few.updates.is_some()), (Some(1), true));
    assert!(small.report.submitted < 40 && small.report.submitted < large.submitted);
    // The overrides alone bring the run back.
    planted.overrides = few;
    assert_eq!(sim::run(3, &options, &planted).trace, small.report.trace);
    planted.overrides = sim::Overrides::default();
    assert_eq!(run(3, Faults::Swarm, &planted).trace, large.trace);
    assert!(sim::minimise(3, &options, &mut setup(2, Wrong::Nothing)).is_none());
}
