//! What each adversary does to a protocol without the defence that it is aimed at.

use super::{led, setup};
use sim::{Attack, Kind, Parameters};

/// What the first of `seeds` that find anything finds under `parameters`.
fn first_finding(seeds: u64, parameters: impl Fn(u64) -> Parameters) -> Option<Kind> {
    let setup = setup::<prime::Replica>();
    let mut runs = (0..seeds).map(|seed| sim::run_with(seed, parameters(seed), &setup, None));
    runs.find_map(|report| report.violation.map(|violation| violation.kind))
}

#[test]
fn a_silent_leader_stays_where_nobody_measures() {
    let unmonitored = |seed| {
        let mut parameters = led(seed, Attack::SilentLeader);
        parameters.config.monitoring = None;
        parameters
    };
    assert_eq!(first_finding(1, unmonitored), Some(Kind::Progress));
}
