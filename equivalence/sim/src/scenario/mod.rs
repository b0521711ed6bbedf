//! Runs with a purpose: parameters that are chosen by hand instead of by the seed.

mod busy_hosts;
mod leader_delay;
mod rejoin;
mod steady_load;

use crate::parameters::Parameters;
use leader_delay::Rules;
use std::fmt;
use std::str::FromStr;

/// What a run is to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// The leader delays all it may and stays in power.
    LeaderDelay,
    /// The leader delays a tenth more and is replaced.
    LeaderDelayTooLong,
    /// The leader delays all it may under robust rules and stays in power.
    LeaderDelayRobust,
    /// A correct leader on hosts that are busy with other things stays in power.
    BusyHosts,
    /// A loaded cluster without faults, for measuring the simulator.
    SteadyLoad,
    /// One that was away for a minute of full load, and one with an empty disk, come back.
    Rejoin,
}

/// The names, for the command line.
const NAMES: [(&str, Scenario); 6] = [
    ("leader-delay", Scenario::LeaderDelay),
    ("leader-delay-too-long", Scenario::LeaderDelayTooLong),
    ("leader-delay-robust", Scenario::LeaderDelayRobust),
    ("busy-hosts", Scenario::BusyHosts),
    ("steady-load", Scenario::SteadyLoad),
    ("rejoin", Scenario::Rejoin),
];

impl FromStr for Scenario {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known.map(|(_, scenario)| *scenario).ok_or_else(|| {
            format!("there is no scenario `{name}`; choose {}", NAMES.map(|n| n.0).join(", "))
        })
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(_, scenario)| scenario == self);
        f.write_str(name.map_or("?", |(name, _)| name))
    }
}

impl Scenario {
    /// The run of `seed` with `n` replicas of which `k` may be recovering. Panics on fewer than
    /// 4 + 2k; the command line checks that.
    #[must_use]
    pub fn parameters(self, seed: u64, n: u16, k: u16) -> Parameters {
        match self {
            Self::LeaderDelay => leader_delay::parameters(seed, n, k, Rules::Report, 100),
            Self::LeaderDelayTooLong => leader_delay::parameters(seed, n, k, Rules::Report, 110),
            Self::LeaderDelayRobust => leader_delay::parameters(seed, n, k, Rules::Robust, 100),
            Self::BusyHosts => busy_hosts::parameters(seed, n, k),
            Self::SteadyLoad => steady_load::parameters(seed, n, k),
            Self::Rejoin => rejoin::parameters(seed, n, k),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_means_what_prints_it() {
        for (name, scenario) in NAMES {
            assert_eq!((name.parse(), scenario.to_string()), (Ok(scenario), name.to_owned()));
        }
        let error = "delay".parse::<Scenario>().unwrap_err();
        assert!(error.contains("`delay`") && error.contains("leader-delay"), "{error}");
    }
}
