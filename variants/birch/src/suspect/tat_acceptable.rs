//! `suspect.tat_acceptable`: E2 and E3.

use prime::suspect::INFINITE;
use wire::Config;

/// The Q-th lowest bound; infinite where there are fewer.
pub fn tat_acceptable(config: &Config, bounds: &[u64]) -> u64 {
    let mut sorted = bounds.to_vec();
    sorted.sort_unstable();
    let below = config.quorum().saturating_sub(1);
    sorted.into_iter().nth(below).unwrap_or(INFINITE)
}
