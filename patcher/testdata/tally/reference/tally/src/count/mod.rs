//! Counting (report, section 3.1, "Counting").
//!
//! Upon receiving an update that may be counted, its weight is added.

mod on_update;
mod weigh;

pub use on_update::on_update;
pub use weigh::weigh;

/// All that counting remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// The sum of all weights so far. Never decreases.
    pub total: u64,
    /// The kinds of update seen.
    pub seen: Seen,
}

/// What was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many were counted.
    pub counted: u64,
}

impl State {
    /// The mean weight, 0 before the first.
    pub fn mean(&self) -> u64 {
        self.total.checked_div(self.seen.counted).unwrap_or(0)
    }
}
