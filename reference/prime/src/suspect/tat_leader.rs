//! How slow the leader is.

use slots::slot;
use wire::Config;

/// Returns TAT_leader: the (f+k+1)-th lowest of `reported`, what each of the N servers reports of the
/// leader, 0 where nothing is known.
///
/// Requires: `reported` has N entries.
/// Example: N = 6, f = k = 1, reported 0, 50, 0, 40, 60, 70: the third lowest, 40.
/// Invariant: at least one correct server that is not recovering reports no more than this.
/// Paper: 4.2, Figure 4, E4 and E5. Deviation: f+k+1, the report's f+1 for k = 0.
#[slot(suspect.tat_leader)]
pub fn tat_leader(config: &Config, reported: &[u64]) -> u64 {
    assert_eq!(reported.len(), config.size());
    let mut sorted = reported.to_vec();
    sorted.sort_unstable();
    sorted[config.one_available() - 1]
}
