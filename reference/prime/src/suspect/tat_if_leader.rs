//! How slow a correct leader may be for one that is so far away.

use crate::suspect::INFINITE;
use slots::slot;
use wire::monitoring::Monitoring;

/// Returns the longest turn-around time that a server at a round trip of `rtt` finds if this server
/// leads and is correct.
///
/// That is `max(rtt, rules.rtt_floor) * rules.k_lat / 100 + rules.delta_pp + rules.sched_slack`,
/// the quotient rounded down. Where that does not fit or equals [`INFINITE`], `INFINITE - 1`: who
/// answers is never infinitely far. All times in microseconds.
///
/// Example: 10 000 at 250 percent, with a Delta_pp of 20 000 and no slack: 45 000.
/// Paper: 4.2, Figure 4, B10. Deviation: floor and slack, 0 in report mode.
///
/// Invariant: never `INFINITE`; a longer round trip never gives a lower value.
#[slot(suspect.tat_if_leader)]
pub fn tat_if_leader(rules: &Monitoring, rtt: u64) -> u64 {
    let rtt = u128::from(rtt.max(rules.rtt_floor));
    let granted = u128::from(rules.delta_pp) + u128::from(rules.sched_slack);
    let tat = rtt * u128::from(rules.k_lat) / 100 + granted;
    u64::try_from(tat).unwrap_or(INFINITE).min(INFINITE - 1)
}
