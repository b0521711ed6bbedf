//! Keeps a turn-around time.

use prime::suspect::State;
use wire::Time;
use wire::monitoring::{MAX_SAMPLES, Mode, Monitoring};

/// What becomes of the samples.
enum Command {
    /// Only the new one stays.
    Replace,
    /// Those that ended more than so long ago go, then the new one follows.
    Append(u64),
    Nothing,
}

/// Keeps `tat`, which ended at `now`.
pub fn keep_sample(state: &mut State, rules: &Monitoring, now: Time, tat: u64) {
    let command = match rules.mode {
        Mode::Robust { window, .. } => Command::Append(window),
        Mode::Report => {
            let largest = state.samples.iter().map(|sample| sample.1).max();
            // `None` is below every number.
            if largest < Some(tat) { Command::Replace } else { Command::Nothing }
        }
    };
    carry_out(state, command, now, tat);
}

fn carry_out(state: &mut State, command: Command, now: Time, tat: u64) {
    let samples = &mut state.samples;
    match command {
        Command::Nothing => {}
        Command::Replace => {
            samples.clear();
            samples.push_back((now, tat));
        }
        Command::Append(window) => {
            while samples.front().is_some_and(|old| now.0.saturating_sub(old.0.0) > window) {
                samples.pop_front();
            }
            samples.push_back((now, tat));
            while samples.len() > MAX_SAMPLES {
                // The first of the lowest is the oldest of them.
                let lowest = samples
                    .iter()
                    .enumerate()
                    .min_by_key(|(_, sample)| sample.1)
                    .map_or(0, |(place, _)| place);
                samples.remove(lowest);
            }
        }
    }
}
