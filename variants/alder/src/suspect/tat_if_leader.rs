//! How slow a server at some distance finds this one if it leads.

use prime::suspect::INFINITE;
use wire::Monitoring;

/// The longest turn-around time that a server at a round trip of `rtt` finds.
pub fn tat_if_leader(rules: &Monitoring, rtt: u64) -> u64 {
    let way = if rtt > rules.rtt_floor { rtt } else { rules.rtt_floor };
    // At most 2^96 and two of 2^64: 128 bits hold all of it.
    let varied = u128::from(way) * u128::from(rules.k_lat) / 100;
    let total = varied + u128::from(rules.delta_pp) + u128::from(rules.sched_slack);
    if total >= u128::from(INFINITE) {
        return INFINITE - 1;
    }
    total as u64
}
