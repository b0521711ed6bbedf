//! The report's alpha.

use prime::suspect::INFINITE;
use wire::Config;

/// The Q-th lowest of `tats_if_leader`; infinite if there are fewer.
pub fn alpha(config: &Config, tats_if_leader: &[u64]) -> u64 {
    let rank = config.quorum();
    let mut sorted = tats_if_leader.to_vec();
    sorted.sort_unstable();
    [(rank == 0, INFINITE)]
        .into_iter()
        .find_map(|(holds, outcome)| holds.then_some(outcome))
        .or_else(|| sorted.get(rank.wrapping_sub(1)).copied())
        .unwrap_or(INFINITE)
}
