//! The host's monotone clock.

use std::time::{Duration, Instant};
use wire::Time;

/// Counts microseconds from its making.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// The present. Never decreases.
    pub(crate) fn now(&self) -> Time {
        Time(u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// A moment in the past.
    pub(crate) fn origin(&self) -> Instant {
        self.0
    }

    /// When `time` comes; `None` for a time beyond the clock.
    pub(crate) fn at(&self, time: Time) -> Option<Instant> {
        self.0.checked_add(Duration::from_micros(time.0))
    }
}
