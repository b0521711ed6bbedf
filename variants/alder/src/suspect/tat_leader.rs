//! How slow the leader is found.

use wire::Config;

/// The (f+k+1)-th lowest of `reported`; 0 if there are not so many.
pub fn tat_leader(config: &Config, reported: &[u64]) -> u64 {
    let rank = config.one_available();
    if rank == 0 || rank > reported.len() {
        return 0;
    }
    let mut scratch: Vec<u64> = Vec::with_capacity(reported.len());
    let mut zeros = 0usize;
    for &value in reported {
        if value == 0 {
            zeros += 1;
            // Nothing is lower: enough of these decide.
            if zeros >= rank {
                return 0;
            }
        } else {
            scratch.push(value);
        }
    }
    // `zeros < rank <= zeros + scratch.len()`.
    let (_, found, _) = scratch.select_nth_unstable(rank - 1 - zeros);
    *found
}
