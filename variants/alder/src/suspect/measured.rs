//! The turn-around time that this server reports of the leader.

use prime::suspect::Measurement;
use std::collections::VecDeque;
use wire::monitoring::Mode;
use wire::{Monitoring, Time};

/// What is reported at `now` of `samples` and of what is still `open`, as the mode says.
pub fn measured(
    rules: &Monitoring,
    samples: &VecDeque<(Time, u64)>,
    open: &[Measurement],
    now: Time,
) -> u64 {
    let mut oldest = 0u64;
    for measurement in open {
        let age = now.0.saturating_sub(measurement.since.0);
        if age > oldest {
            oldest = age;
        }
    }

    let (ended, awaited) = match rules.mode {
        Mode::Report => {
            let mut largest = 0u64;
            for &(_, tat) in samples {
                if tat > largest {
                    largest = tat;
                }
            }
            (largest, oldest)
        }
        Mode::Robust { outliers, window } => {
            (beyond_outliers(samples, usize::from(outliers), window, now), oldest / 2)
        }
    };
    if ended > awaited { ended } else { awaited }
}

/// The `(outliers + 1)`-th largest of the samples that ended at most `window` before `now`; 0 if
/// there are not so many.
fn beyond_outliers(
    samples: &VecDeque<(Time, u64)>,
    outliers: usize,
    window: u64,
    now: Time,
) -> u64 {
    if samples.len() <= outliers {
        return 0;
    }
    let mut recent: Vec<u64> = Vec::with_capacity(samples.len());
    for &(ended, tat) in samples {
        if now.0.saturating_sub(ended.0) <= window {
            recent.push(tat);
        }
    }
    let count = recent.len();
    if count <= outliers {
        return 0;
    }
    // Below the length, as `outliers` is: the (outliers + 1)-th from the top.
    let (_, found, _) = recent.select_nth_unstable(count - 1 - outliers);
    *found
}
