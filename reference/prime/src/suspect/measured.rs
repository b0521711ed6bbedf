//! How slow this server finds the leader.

use crate::suspect::Measurement;
use slots::slot;
use std::collections::VecDeque;
use wire::Time;
use wire::monitoring::{Mode, Monitoring};

/// Returns the turn-around time that this server reports of the leader at `now`. Unit: microseconds.
///
/// `samples` are turn-around times and when each ended; `open` is what the leader still owes, whose
/// age is the time from `since` to `now`.
/// - [`Mode::Report`]: the largest of all samples and all ages.
/// - [`Mode::Robust`]: the larger of these two: of the samples that ended at most `window` before
///   `now`, the `(outliers + 1)`-th largest; half the largest age, rounded down.
///
/// Where there is none, or there are not so many, that counts as 0.
///
/// Invariant: what a silent leader owes makes it grow without end.
/// Paper: 4.2, Figure 4, D2. Deviation: ages count; robust mode.
#[slot(suspect.measured)]
pub fn measured(
    rules: &Monitoring,
    samples: &VecDeque<(Time, u64)>,
    open: &[Measurement],
    now: Time,
) -> u64 {
    let age = open.iter().map(|one| now.since(one.since)).max().unwrap_or(0);
    let (mut tats, outliers, age) = match rules.mode {
        Mode::Report => (samples.iter().map(|(_, tat)| *tat).collect::<Vec<_>>(), 0, age),
        Mode::Robust { outliers, window } => {
            let recent = samples.iter().filter(|(ended, _)| now.since(*ended) <= window);
            (recent.map(|(_, tat)| *tat).collect(), usize::from(outliers), age / 2)
        }
    };
    tats.sort_unstable_by(|a, b| b.cmp(a));
    tats.get(outliers).copied().unwrap_or(0).max(age)
}
