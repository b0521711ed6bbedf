//! The reference stands every adversary: safe all the time, and serving once the network is calm.

use super::{line, options, setup};
use sim::{Adversaries, Attack, Faults, Summary};
use std::ops::Range;

fn stands(replicas: u16, seeds: Range<u64>, faults: Faults, adversaries: Adversaries) -> Summary {
    let options = options(replicas, faults, adversaries);
    let summary = sim::suite(seeds, &options, &setup::<prime::Replica>(), 2, |_| {});
    for report in &summary.violations {
        assert_eq!(report.violation, None, "{}", line(report, &options));
    }
    assert_eq!(summary.executed, summary.submitted);
    summary
}

#[test]
fn each_adversary_alone() {
    for attack in Attack::all() {
        stands(4, 0..24, Faults::None, Adversaries::One(attack));
        stands(4, 24..48, Faults::Network, Adversaries::One(attack));
    }
}

#[test]
fn two_of_seven() {
    stands(7, 0..10, Faults::Network, Adversaries::All);
}
