//! `suspect.tat_if_leader`: B10.

use prime::suspect::INFINITE;
use wire::monitoring::Monitoring;

/// `rtt * K_Lat + Delta_pp`, with floor and slack; saturates below `INFINITE`.
pub fn tat_if_leader(rules: &Monitoring, rtt: u64) -> u64 {
    let varied = u128::from(rtt.max(rules.rtt_floor)) * u128::from(rules.k_lat) / 100;
    let whole = varied + u128::from(rules.delta_pp) + u128::from(rules.sched_slack);
    u64::try_from(whole).unwrap_or(INFINITE).min(INFINITE - 1)
}
