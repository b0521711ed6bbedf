//! `suspect.keep_sample`: D2, what is remembered of turn-around times.

use prime::suspect::State;
use std::collections::VecDeque;
use wire::Time;
use wire::monitoring::{MAX_SAMPLES, Mode, Monitoring};

/// Without the smallest that are too many; of equal ones the older go first.
fn largest(samples: VecDeque<(Time, u64)>) -> VecDeque<(Time, u64)> {
    let last_dropped = samples.len().checked_sub(MAX_SAMPLES + 1).and_then(|place| {
        let mut keys: Vec<(u64, usize)> =
            samples.iter().enumerate().map(|(at, &(_, tat))| (tat, at)).collect();
        (place < keys.len()).then(|| *keys.select_nth_unstable(place).1)
    });
    match last_dropped {
        None => samples,
        Some(last) => samples
            .into_iter()
            .enumerate()
            .filter(|&(at, (_, tat))| (tat, at) > last)
            .map(|(_, sample)| sample)
            .collect(),
    }
}

/// Keeps `tat`, which ended at `now`.
pub fn keep_sample(state: &mut State, rules: &Monitoring, now: Time, tat: u64) {
    let all = std::mem::take(&mut state.samples).into_iter().chain([(now, tat)]);
    state.samples = match rules.mode {
        Mode::Report => all
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
            .into_iter()
            .collect(),
        Mode::Robust { window, .. } => {
            largest(all.filter(|&(ended, _)| now.since(ended) <= window).collect())
        }
    };
}
