//! How slow a leader may be.

use slots::slot;
use wire::Config;

/// Returns TAT_acceptable: the Q-th lowest of `bounds`, the announced upper bounds of all N servers,
/// infinite where none is known.
///
/// Requires: `bounds` has N entries.
/// Example: N = 6, k = 1, Q = 4, bounds 30, 10, 20, infinite, 40, infinite: 40.
/// Invariant: infinite while fewer than Q are known; f lies cannot lift it above what some correct
/// server rightly says of itself.
/// Paper: 4.2, Figure 4, E2 and E3. Deviation: Q = 2f+k+1, the report's 2f+1 for k = 0.
#[slot(suspect.tat_acceptable)]
pub fn tat_acceptable(config: &Config, bounds: &[u64]) -> u64 {
    assert_eq!(bounds.len(), config.size());
    let mut sorted = bounds.to_vec();
    sorted.sort_unstable();
    sorted[config.quorum() - 1]
}
