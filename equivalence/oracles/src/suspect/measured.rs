//! What `suspect.measured` must answer.

use super::definitions::measured_of;
use crate::Finding;
use prime::suspect::Measurement;
use std::collections::VecDeque;
use wire::{Monitoring, Time};

/// The report's maximum, ages with it; or what is left of the window without outliers (4.2,
/// Figure 4, D2).
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(
    rules: &Monitoring,
    samples: &VecDeque<(Time, u64)>,
    open: &[Measurement],
    now: Time,
    got: &u64,
) -> Result<(), Finding> {
    crate::answer(
        "suspect.measured: the largest of samples and ages, as far as the mode counts them",
        &measured_of(rules, samples, open, now),
        got,
    )
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::suspect::kit::{owes, owes_replay, report, rules, trips};
    use wire::{Monitoring, Time};

    fn judge(rules: &Monitoring, samples: &[(u64, u64)], since: &[u64], right: u64, wrong: &[u64]) {
        let samples = samples.iter().map(|&(ended, tat)| (Time(ended), tat)).collect();
        let mut open: Vec<_> = since.iter().map(|&since| owes(since, since)).collect();
        if let Some(last) = open.last_mut() {
            *last = owes_replay(last.since.0);
        }
        assert_eq!(check(rules, &samples, &open, Time(2_000), &right), Ok(()));
        for wrong in wrong {
            trips(check(rules, &samples, &open, Time(2_000), wrong), "measured");
        }
    }

    #[test]
    fn in_report_mode_the_largest_of_all_counts() {
        judge(&report(), &[(1, 70)], &[1_980, 1_990], 70, &[20, 0]);
        judge(&report(), &[(1, 70)], &[1_920, 1_990], 80, &[70, 40]);
        judge(&report(), &[], &[], 0, &[1]);
    }

    #[test]
    fn in_robust_mode_the_second_largest_of_the_window_or_half_the_age() {
        let samples = [(999, 95), (1_000, 90), (1_500, 60), (1_600, 60), (1_700, 10)];
        judge(&rules(), &samples, &[], 60, &[90, 95, 10, 30]);
        judge(&rules(), &samples[..3], &[], 60, &[90, 95, 0]);
        judge(&rules(), &samples[..2], &[], 0, &[90, 95]);
        judge(&rules(), &samples, &[1_860, 1_879], 70, &[60, 140]);
        judge(&rules(), &samples, &[1_879, 1_999], 60, &[61, 121]);
        let none = Monitoring {
            mode: wire::monitoring::Mode::Robust { outliers: 0, window: 1_000 },
            ..rules()
        };
        judge(&none, &samples, &[], 90, &[95, 60]);
    }
}
