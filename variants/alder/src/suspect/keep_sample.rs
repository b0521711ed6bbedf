//! A turn-around time was measured.

use prime::suspect::State;
use std::collections::VecDeque;
use wire::monitoring::{MAX_SAMPLES, Mode};
use wire::{Monitoring, Time};

/// Keeps `tat`, which ended at `now`, as the mode says.
pub fn keep_sample(state: &mut State, rules: &Monitoring, now: Time, tat: u64) {
    match rules.mode {
        Mode::Report => keep_largest(&mut state.samples, now, tat),
        Mode::Robust { outliers: _, window } => keep_recent(&mut state.samples, window, now, tat),
    }
}

/// Report mode: a sample above all others takes their place.
fn keep_largest(samples: &mut VecDeque<(Time, u64)>, now: Time, tat: u64) {
    for &(_, other) in samples.iter() {
        if other >= tat {
            return;
        }
    }
    samples.clear();
    samples.push_back((now, tat));
}

/// Robust mode: those of the last `window`, and of these the largest.
fn keep_recent(samples: &mut VecDeque<(Time, u64)>, window: u64, now: Time, tat: u64) {
    // In-place compaction: `kept` is never above `at`, and `at` never at the length.
    let total = samples.len();
    let mut kept = 0usize;
    let mut at = 0usize;
    while at < total {
        let Some(&(ended, _)) = samples.get(at) else {
            break;
        };
        if now.0.saturating_sub(ended.0) <= window {
            if kept != at {
                samples.swap(kept, at);
            }
            kept += 1;
        }
        at += 1;
    }
    samples.truncate(kept);
    samples.push_back((now, tat));
    if samples.len() <= MAX_SAMPLES {
        return;
    }

    let mut least = u64::MAX;
    let mut place = 0usize;
    let mut index = 0usize;
    for &(_, value) in samples.iter() {
        if value < least {
            least = value;
            place = index;
        }
        index += 1;
    }
    // If all are the highest number, the first of them all is at place 0.
    samples.remove(place);
}
