//! The reference stands every adversary: safe all the time, and serving once the network is calm.

use super::{line, options, setup};
use sim::{Adversaries, Attack, Faults, Options, Parameters, Summary};
use std::ops::Range;
use wire::Proofs;

fn stands(replicas: u16, seeds: Range<u64>, faults: Faults, adversaries: Adversaries) -> Summary {
    let options = options(replicas, faults, adversaries);
    let summary = sim::suite(seeds, &options, &setup::<prime::Replica>(), 2, |_| {});
    for report in &summary.violations {
        assert_eq!(report.violation, None, "{}", line(report, &options));
    }
    assert_eq!(summary.executed, summary.submitted);
    summary
}

/// What shows in a summary that the attack took place, and that it was met.
fn shows(attack: Attack, summary: &Summary) -> bool {
    let sent = |kind: &str| summary.sent.iter().any(|(sent, count)| *sent == kind && *count > 0);
    match attack {
        Attack::AruLiar => sent("PoAruConflict"),
        Attack::EquivocatingOriginator => sent("PoRequestConflict"),
        Attack::EquivocatingLeader => sent("PrePrepareConflict") && sent("ReplayConflict"),
        Attack::GarbageParts | Attack::SelectiveSender => sent("Recon"),
        Attack::SilentLeader
        | Attack::StaleMatrices
        | Attack::WithheldNumber
        | Attack::BogusChange => summary.view_changes > summary.runs / 2,
        Attack::Slanderer => sent("NewLeader"),
        Attack::Flooder => sent("ResolutionAnswer") && sent("StateRequest"),
        // What these do leaves no trace in a count of messages.
        Attack::FriendsOnly
        | Attack::LifeAnnouncer
        | Attack::LyingAnswers
        | Attack::OneServer
        | Attack::Replayer
        | Attack::SlowLeader { .. }
        | Attack::Mixed
        | Attack::Given => true,
    }
}

#[test]
fn each_adversary_alone() {
    for attack in Attack::all() {
        let summary = stands(4, 0..10, Faults::None, Adversaries::One(attack));
        assert!(shows(attack, &summary), "{attack}");
        stands(4, 10..20, Faults::Network, Adversaries::One(attack));
    }
}

/// What `seed` makes of four replicas with threshold signatures, one of which forges shares.
fn forged(seed: u64) -> Option<Parameters> {
    let options = options(4, Faults::Network, Adversaries::One(Attack::BogusChange));
    let parameters = sim::parameters(seed, &options);
    (parameters.config.proofs == Proofs::Threshold).then_some(parameters)
}

#[test]
fn forged_shares_are_refused_and_hold_up_no_view_change() {
    let (mut runs, mut views, mut refused) = (0, 0, 0);
    for (seed, parameters) in (0..30).filter_map(|seed| Some((seed, forged(seed)?))) {
        let report = sim::run_with(seed, parameters, &setup::<prime::Replica>(), None);
        assert_eq!(report.violation, None, "seed {seed}");
        (runs, views) = (runs + 1, views + report.tally.views);
        refused += report.tally.refused;
    }
    assert!(runs > 5 && views > runs / 2 && refused > 10 * runs, "{runs}, {views}, {refused}");
}

#[test]
fn two_of_seven() {
    stands(7, 0..12, Faults::Network, Adversaries::All);
}

#[test]
fn one_of_six_beside_one_that_recovers() {
    let options = Options { recovering: 1, ..options(6, Faults::Network, Adversaries::All) };
    let summary = sim::suite(0..8, &options, &setup::<prime::Replica>(), 2, |_| {});
    summary.violations.iter().for_each(|report| {
        assert_eq!(report.violation, None, "{} --recovering 1", line(report, &options));
    });
}

#[test]
fn the_trace_with_adversaries_depends_on_the_seed_alone() {
    let options = options(4, Faults::Network, Adversaries::One(Attack::Mixed));
    let trace =
        |threads| sim::suite(0..4, &options, &setup::<prime::Replica>(), threads, |_| {}).trace;
    assert_eq!(trace(1), trace(3));
}
