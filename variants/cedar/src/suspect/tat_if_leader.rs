//! What a correct leader keeps.

use prime::suspect::INFINITE;
use wire::monitoring::Monitoring;

/// Round trip (at least the floor) times K_Lat, and Delta_pp and slack; never infinite.
pub fn tat_if_leader(rules: &Monitoring, rtt: u64) -> u64 {
    let way = u128::from(rtt.max(rules.rtt_floor)) * u128::from(rules.k_lat) / 100;
    let total = way + u128::from(rules.delta_pp) + u128::from(rules.sched_slack);
    u64::try_from(total).unwrap_or(INFINITE).min(INFINITE - 1)
}
