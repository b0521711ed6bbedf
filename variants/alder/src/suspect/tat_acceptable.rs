//! How slow a leader may be found.

use prime::suspect::INFINITE;
use wire::Config;

/// The Q-th lowest of `bounds`; infinite if there are not so many.
pub fn tat_acceptable(config: &Config, bounds: &[u64]) -> u64 {
    let rank = config.quorum();
    if rank == 0 || rank > bounds.len() {
        return INFINITE;
    }
    let mut scratch: Vec<u64> = Vec::with_capacity(bounds.len());
    for &bound in bounds {
        // What is infinite sorts last: it need not be sorted at all.
        if bound != INFINITE {
            scratch.push(bound);
        }
    }
    if rank > scratch.len() {
        return INFINITE;
    }
    let (_, found, _) = scratch.select_nth_unstable(rank - 1);
    *found
}
