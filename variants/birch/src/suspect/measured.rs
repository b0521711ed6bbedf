//! `suspect.measured`: D2.

use prime::suspect::Measurement;
use std::cmp::Reverse;
use std::collections::VecDeque;
use wire::Time;
use wire::monitoring::{Mode, Monitoring};

/// The value at place `place`, from 0, of the descending order; 0 if there is none.
fn descending(tats: Vec<u64>, place: usize) -> u64 {
    let mut keys: Vec<Reverse<u64>> = tats.into_iter().map(Reverse).collect();
    if place < keys.len() { keys.select_nth_unstable(place).1.0 } else { 0 }
}

/// What this server reports of the leader at `now`.
pub fn measured(
    rules: &Monitoring,
    samples: &VecDeque<(Time, u64)>,
    open: &[Measurement],
    now: Time,
) -> u64 {
    let oldest = open.iter().map(|waiting| now.since(waiting.since)).max().unwrap_or(0);
    match rules.mode {
        Mode::Report => samples.iter().map(|&(_, tat)| tat).fold(oldest, u64::max),
        Mode::Robust { outliers, window } => {
            let recent = samples
                .iter()
                .filter(|&&(ended, _)| now.since(ended) <= window)
                .map(|&(_, tat)| tat)
                .collect();
            descending(recent, usize::from(outliers)).max(oldest / 2)
        }
    }
}
