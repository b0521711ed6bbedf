//! What the slots of leader monitoring have in common.

use super::model::State;
use wire::{Config, View};

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

impl State {
    /// The highest view whose leader is known to be elected: the higher of `view` and
    /// [`State::proven`]. They differ only between [`elect`](super::elect) and [`start`](super::start).
    #[must_use]
    pub fn reached(&self) -> View {
        self.view.max(self.proven())
    }
}
