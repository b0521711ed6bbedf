//! `suspect.alpha`: C2 and C3.

use prime::suspect::INFINITE;
use wire::Config;

/// The Q-th lowest; infinite where there are fewer.
pub fn alpha(config: &Config, tats_if_leader: &[u64]) -> u64 {
    let mut sorted = tats_if_leader.to_vec();
    sorted.sort_unstable();
    config
        .quorum()
        .checked_sub(1)
        .and_then(|place| sorted.get(place).copied())
        .unwrap_or(INFINITE)
}
