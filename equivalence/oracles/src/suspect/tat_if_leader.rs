//! What `suspect.tat_if_leader` must answer.

use super::definitions::tat_if_leader_of;
use crate::Finding;
use wire::Monitoring;

/// How slow a server at that distance finds a correct leader at most (4.2, Figure 4, B10).
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(rules: &Monitoring, rtt: u64, got: &u64) -> Result<(), Finding> {
    crate::answer(
        "suspect.tat_if_leader: max(rtt, floor) * K_Lat + Delta_pp + slack, below infinity",
        &tat_if_leader_of(rules, rtt),
        got,
    )
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::definitions::INFINITE;
    use crate::suspect::kit::{rules, trips};
    use wire::Monitoring;

    #[test]
    fn floor_variability_and_grants_count() {
        let plain =
            Monitoring { k_lat: 250, delta_pp: 20_000, rtt_floor: 0, sched_slack: 0, ..rules() };
        let twice = Monitoring { k_lat: 200, delta_pp: 0, ..plain };
        let last = INFINITE - 1;
        for (rules, rtt, right, wrong) in [
            (&plain, 10_000, 45_000, [25_000, 10_000]),
            // 8 * 2.5 + 20 + 5, and 9 * 2.5 = 22.5.
            (&rules(), 0, 45, [25, 40]),
            (&rules(), 8, 45, [44, 46]),
            (&rules(), 9, 47, [48, 45]),
            (&twice, INFINITE / 2, last, [INFINITE, 0]),
            (&twice, INFINITE, last, [INFINITE, INFINITE / 2]),
            // Exact, though the product fits into no bound.
            (&twice, 1 << 62, 1 << 63, [last, INFINITE]),
        ] {
            assert_eq!(check(rules, rtt, &right), Ok(()));
            for wrong in wrong {
                trips(check(rules, rtt, &wrong), "tat_if_leader");
            }
        }
    }
}
