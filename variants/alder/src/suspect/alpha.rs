//! How slow anybody could rightly find this server if it led.

use prime::suspect::INFINITE;
use wire::Config;

/// The Q-th lowest of `tats_if_leader`; infinite if there are not so many.
pub fn alpha(config: &Config, tats_if_leader: &[u64]) -> u64 {
    let rank = config.quorum();
    if rank == 0 || rank > tats_if_leader.len() {
        return INFINITE;
    }
    let mut scratch = tats_if_leader.to_vec();
    // `rank - 1` is below the length.
    let (_, found, _) = scratch.select_nth_unstable(rank - 1);
    *found
}
