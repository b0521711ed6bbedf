//! `suspect.tat_leader`: E4 and E5.

use wire::Config;

/// The (f+k+1)-th lowest report; 0 where there are fewer.
pub fn tat_leader(config: &Config, reported: &[u64]) -> u64 {
    let mut sorted = reported.to_vec();
    sorted.sort_unstable();
    sorted.into_iter().nth(config.one_available().saturating_sub(1)).unwrap_or(0)
}
