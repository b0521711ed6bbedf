//! How strictly leaders are judged: the constants of Suspect-Leader.

use crate::config::{ConfigError, Timing};
use borsh::{BorshDeserialize, BorshSerialize};

/// Longest time that a constant may name: an hour. Unit: microseconds.
pub const LONGEST: u64 = 3_600_000_000;

/// Most turn-around times that one server remembers, and so most outliers that may be passed over.
pub const MAX_SAMPLES: usize = 512;

/// The constants of leader monitoring. Unit of times: microseconds. Nothing here doubles or adapts:
/// what a leader may do is known before it is elected.
///
/// A correct leader must be able to keep the promise that these make for it. It sends no Pre-Prepare
/// while `windows.order` of them are under way, so `windows.order * timing.pre_prepare` should
/// exceed the time that ordering takes, or a leader under load is slow by configuration.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Monitoring {
    /// Between two rounds of pings, bounds and reports. From 1.
    pub period: u64,
    /// K_Lat, the variability of latencies that is tolerated. Unit: percent; from 100 to 10 000.
    pub k_lat: u32,
    /// Delta_pp: no correct leader leaves more time between two Pre-Prepares that it has reason to
    /// send. At least `timing.pre_prepare`.
    pub delta_pp: u64,
    /// Round trips that are shorter count as this long.
    pub rtt_floor: u64,
    /// Granted to every leader beyond what the report grants, for a busy host's scheduling.
    pub sched_slack: u64,
    /// When this server's own clock shows that it did not run for longer than this, the time is taken
    /// out of what it measures. From 1; `None`: never.
    pub stall_min: Option<u64>,
    /// What a server reports of what it measured.
    pub mode: Mode,
}

/// What a server reports of the turn-around times that it measured in a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Mode {
    /// The report's: the largest ever, what is still awaited counting with its full age.
    Report,
    /// The larger of the `(outliers + 1)`-th largest of the last `window` and half the age of what
    /// has been awaited longest.
    Robust {
        /// How many are passed over, whatever they were. Below [`MAX_SAMPLES`].
        outliers: u16,
        /// How long a turn-around time is remembered. From 1. Unit: microseconds.
        window: u64,
    },
}

impl Monitoring {
    /// The report's own rules, with a K_Lat of its section 7: for its figures, and for networks and
    /// hosts whose latency never varies more.
    #[must_use]
    pub fn report() -> Self {
        Self {
            period: 100_000,
            k_lat: 200,
            delta_pp: 20_000,
            rtt_floor: 0,
            sched_slack: 0,
            stall_min: None,
            mode: Mode::Report,
        }
    }

    /// Rules that a correct leader on a busy host keeps. Floor, K_Lat and Delta_pp are those of the
    /// authors' later code.
    #[must_use]
    pub fn robust() -> Self {
        Self {
            period: 100_000,
            k_lat: 250,
            delta_pp: 20_000,
            rtt_floor: 8_000,
            sched_slack: 20_000,
            stall_min: Some(10_000),
            mode: Mode::Robust { outliers: 4, window: 10_000_000 },
        }
    }

    /// Holds the constants against their bounds.
    ///
    /// # Errors
    /// The first constant that is out of bounds.
    pub fn check(&self, timing: &Timing) -> Result<(), ConfigError> {
        let (outliers, window) = match self.mode {
            Mode::Report => (0, 1),
            Mode::Robust { outliers, window } => (usize::from(outliers), window),
        };
        let rules = [
            ("period", (1..=LONGEST).contains(&self.period)),
            ("k_lat", (100..=10_000).contains(&self.k_lat)),
            ("delta_pp", (timing.pre_prepare..=LONGEST).contains(&self.delta_pp)),
            ("rtt_floor", self.rtt_floor <= LONGEST),
            ("sched_slack", self.sched_slack <= LONGEST),
            ("stall_min", self.stall_min.is_none_or(|least| (1..=LONGEST).contains(&least))),
            ("outliers", outliers < MAX_SAMPLES),
            ("window", (1..=LONGEST).contains(&window)),
        ];
        match rules.iter().find(|(_, holds)| !holds) {
            Some((name, _)) => Err(ConfigError::Monitoring(name)),
            None => Ok(()),
        }
    }
}
