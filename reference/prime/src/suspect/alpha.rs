//! The longest turn-around time that anybody could rightly find of this server.

use slots::slot;
use wire::Config;

/// Returns the report's alpha: the Q-th lowest of `tats_if_leader`.
///
/// Requires: `tats_if_leader` has N entries.
/// Example: N = 4, Q = 3, entries 9, 5, infinite, 7: 9.
/// Invariant: if at most f entries are lies and k are missing, it is at most what some correct server
/// rightly says; while fewer than Q are known, it is infinite.
/// Paper: 4.2, Figure 4, C2 and C3. Deviation: Q = 2f+k+1, the report's 2f+1 for k = 0.
#[slot(suspect.alpha)]
pub fn alpha(config: &Config, tats_if_leader: &[u64]) -> u64 {
    assert_eq!(tats_if_leader.len(), config.size());
    let mut sorted = tats_if_leader.to_vec();
    sorted.sort_unstable();
    sorted[config.quorum() - 1]
}
