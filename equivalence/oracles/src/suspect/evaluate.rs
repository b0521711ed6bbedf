//! What `suspect.evaluate` must do.

use super::definitions::evaluate;
use crate::Finding;
use crate::effects::Order;
use crate::expected::Expected;
use prime::suspect::State;
use wire::prime::Prime;
use wire::{Config, Effect, Monitoring, Time};

/// A leader that is slower than is acceptable is voted out (4.2, Figure 4, block E).
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    rules: &Monitoring,
    now: Time,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("suspect.evaluate", config, before);
    expected.since("votes only if `tat_leader` exceeds `tat_acceptable`");
    evaluate(&mut expected, rules, now);
    expected.judge(after, Order::Fixed, effects)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::definitions::INFINITE;
    use crate::suspect::kit::{config, effects, report, rules, state, trips};
    use prime::suspect::{Reported, State};
    use wire::prime::NewLeader;
    use wire::{Monitoring, Time, To, View};

    fn told(bounds: [u64; 4], reported: [(u64, u64); 4]) -> State {
        let mut state = state();
        state.bounds = bounds.to_vec();
        let of = |(tat, heard)| Reported { tat, heard: Time(heard) };
        state.reported = reported.map(of).to_vec();
        state
    }

    fn judge(before: &State, rules: &Monitoring, votes: bool) {
        let (config, now) = (config(), Time(2_000));
        let made = effects(|e| e.send(To::All, NewLeader { view: View(2) }));
        let mut after = before.clone();
        after.suspects = true;
        let (voted, silent) = (
            check(&config, before, rules, now, &after, &made),
            check(&config, before, rules, now, before, &[]),
        );
        if votes {
            assert_eq!(voted, Ok(()));
            trips(silent, "effects");
            trips(check(&config, before, rules, now, before, &made), "[suspects");
        } else {
            assert_eq!(silent, Ok(()));
            trips(voted, "effect 0");
        }
    }

    #[test]
    fn the_second_lowest_report_against_the_third_lowest_bound() {
        let now = 2_000;
        let slow = [(0, now), (31, now), (90, now), (90, now)];
        judge(&told([40, 30, 20, 10], slow), &rules(), true);
        judge(&told([40, 31, 20, 10], slow), &rules(), false);
        judge(&told([INFINITE, INFINITE, 20, 10], slow), &rules(), false);
        let one_fast_more = [(0, now), (30, now), (90, now), (90, now)];
        judge(&told([40, 30, 20, 10], one_fast_more), &rules(), false);
    }

    #[test]
    fn reports_older_than_the_window_count_in_report_mode_alone() {
        let bounds = [40, 30, 20, 10];
        let at = |heard| [(0, 2_000), (31, heard), (90, 2_000), (90, 2_000)];
        judge(&told(bounds, at(1_000)), &rules(), true);
        judge(&told(bounds, at(999)), &rules(), false);
        judge(&told(bounds, at(999)), &report(), true);
    }
}
