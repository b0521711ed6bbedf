//! What leader monitoring remembers.

use super::model::{Reported, State};
use wire::monitoring::{Mode, Monitoring};
use wire::{Config, Time, View};

/// Most messages about round trips and turn-around times that are taken of one server in one period:
/// `4 * (5 + N)`.
///
/// A correct server sends five a period, and one more for each fall of its upper bound, which
/// happens N times at most when everybody's first word arrives. Four times as much is for messages
/// that were held up on the way.
#[must_use]
pub fn allowance(config: &Config) -> u32 {
    4 * (5 + u32::from(config.n))
}

impl Reported {
    /// What this counts for at `now`: in robust mode 0 if `heard` is more than the window before `now`;
    /// otherwise, and in report mode always, `tat`.
    #[must_use]
    pub fn at(&self, rules: &Monitoring, now: Time) -> u64 {
        match rules.mode {
            Mode::Robust { window, .. } if now.since(self.heard) > window => 0,
            Mode::Report | Mode::Robust { .. } => self.tat,
        }
    }
}

impl State {
    /// The highest view whose leader is known to be elected: the higher of `view` and
    /// [`State::proven`]. They differ only between [`elect`](super::elect) and [`start`](super::start).
    #[must_use]
    pub fn reached(&self) -> View {
        self.view.max(self.proven())
    }
}
