//! A turn-around time was measured.

use crate::suspect::State;
use slots::slot;
use wire::Time;
use wire::monitoring::{MAX_SAMPLES, Mode, Monitoring};

/// Keeps the turn-around time `tat`, in microseconds, that ended at `now`.
///
/// - [`Mode::Report`]: if every sample in `state.samples` is smaller, it (with `now`) takes the place of
///   all of them; otherwise nothing changes.
/// - [`Mode::Robust`]: samples that ended more than `window` before `now` are dropped; it (with `now`) is
///   added at the back; then, if there are more than [`MAX_SAMPLES`], the first (the oldest) of the
///   smallest is dropped.
///
/// Paper: 4.2, Figure 4, D2. Deviation: robust mode.
///
/// Invariant: in report mode the largest sample never falls; in robust mode there are at most
/// `MAX_SAMPLES`.
/// Invariant: nothing but `samples` changes.
#[slot(suspect.keep_sample)]
pub fn keep_sample(state: &mut State, rules: &Monitoring, now: Time, tat: u64) {
    let samples = &mut state.samples;
    match rules.mode {
        Mode::Report => {
            if samples.iter().all(|(_, held)| *held < tat) {
                samples.clear();
                samples.push_back((now, tat));
            }
        }
        Mode::Robust { window, .. } => {
            samples.retain(|(ended, _)| now.since(*ended) <= window);
            samples.push_back((now, tat));
            if samples.len() > MAX_SAMPLES {
                let smallest = (0..samples.len()).min_by_key(|at| samples[*at].1);
                smallest.map(|at| samples.remove(at));
            }
        }
    }
}
