//! What is acceptable of a leader.

use prime::suspect::INFINITE;
use wire::Config;

/// The Q-th lowest of `bounds`; infinite if there are fewer.
pub fn tat_acceptable(config: &Config, bounds: &[u64]) -> u64 {
    let mut values = bounds.to_vec();
    match config.quorum().checked_sub(1).filter(|place| *place < values.len()) {
        None => INFINITE,
        Some(place) => *values.select_nth_unstable(place).1,
    }
}
