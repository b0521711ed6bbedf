//! What is known of the leader.

use wire::Config;

/// The (f+k+1)-th lowest of `reported`; 0 if there are fewer.
pub fn tat_leader(config: &Config, reported: &[u64]) -> u64 {
    let mut values = reported.to_vec();
    match config.one_available().checked_sub(1).filter(|place| *place < values.len()) {
        None => 0,
        Some(place) => *values.select_nth_unstable(place).1,
    }
}
