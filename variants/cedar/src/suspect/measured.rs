//! What is reported of the leader.

use std::collections::VecDeque;

use prime::suspect::Measurement;
use wire::Time;
use wire::monitoring::{Mode, Monitoring};

/// How samples and ages are weighed: how many samples are passed over, how long they count, and by
/// what the age is divided.
struct Weights {
    passed_over: usize,
    window: Option<u64>,
    divisor: u64,
}

/// The turn-around time of the leader at `now`.
pub fn measured(
    rules: &Monitoring,
    samples: &VecDeque<(Time, u64)>,
    open: &[Measurement],
    now: Time,
) -> u64 {
    let weights = match rules.mode {
        Mode::Report => Weights { passed_over: 0, window: None, divisor: 1 },
        Mode::Robust { outliers, window } => {
            Weights { passed_over: usize::from(outliers), window: Some(window), divisor: 2 }
        }
    };
    let age = open.iter().map(|it| now.0.saturating_sub(it.since.0)).max().unwrap_or(0);
    let waited = age.checked_div(weights.divisor).unwrap_or(0);
    let counting: Vec<u64> = samples
        .iter()
        .filter(|sample| weights.window.is_none_or(|window| now.0.saturating_sub(sample.0.0) <= window))
        .map(|sample| sample.1)
        .collect();
    waited.max(largest_but(counting, weights.passed_over))
}

/// The largest but `passed_over`; 0 if there are no more.
fn largest_but(mut values: Vec<u64>, passed_over: usize) -> u64 {
    if passed_over >= values.len() {
        return 0;
    }
    let (_, value, _) = values.select_nth_unstable_by(passed_over, |a, b| b.cmp(a));
    *value
}
