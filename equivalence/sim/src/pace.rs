//! How fast runs were simulated, by how their machines were run.
//!
//! A machine that was loaded from a shared library gets and gives encoded bytes at each step, and verifies
//! anew what crosses; one that is linked in does not. So a rate says nothing without that, nor without what
//! there was to do.

use crate::arguments::Arguments;
use crate::suite::Summary;
use serde_json::{Value as Json, json};
use std::time::Instant;

/// In how many parts of a second the kernel counts processor time.
const TICKS: f64 = 100.0;

/// From when on time is taken.
pub(crate) struct Watch {
    start: Instant,
    processor: Option<f64>,
}

/// The time that all runs took together. Unit: seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    /// By the clock.
    pub(crate) seconds: f64,
    /// Of all processors, checkers included; nothing where the system does not say.
    pub(crate) processor: Option<f64>,
}

/// Processor time of this process so far, all its threads together. Unit: seconds.
fn processor_time() -> Option<f64> {
    ticks(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

/// What such a line says of time spent in the program and in the kernel. Unit: seconds.
fn ticks(stat: &str) -> Option<f64> {
    // The program's name stands in brackets and may have anything in it.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map(str::parse::<f64>);
    Some((times.next()?.ok()? + times.next()?.ok()?) / TICKS)
}

impl Watch {
    pub(crate) fn start() -> Self {
        Self { start: Instant::now(), processor: processor_time() }
    }

    pub(crate) fn since(&self) -> Instant {
        self.start
    }

    pub(crate) fn stop(&self) -> Taken {
        let processor = processor_time().zip(self.processor).map(|(now, then)| now - then);
        Taken { seconds: self.start.elapsed().as_secs_f64().max(1e-6), processor }
    }
}

/// How the machines of all replicas were run.
fn machines(arguments: &Arguments) -> &'static str {
    if arguments.libraries.is_empty() { "linked" } else { "loaded" }
}

/// Simulated seconds of `summary`.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn simulated(summary: &Summary) -> f64 {
    summary.simulated as f64 / 1e6
}

/// Simulated seconds by the second of the clock and of a processor. Of less than a few ticks of processor
/// time no rate is made.
fn rates(summary: &Summary, taken: Taken) -> (f64, Option<f64>) {
    let enough = taken.processor.filter(|processor| *processor * TICKS > 4.5);
    (simulated(summary) / taken.seconds, enough.map(|processor| simulated(summary) / processor))
}

/// Updates a simulated second.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn density(summary: &Summary) -> f64 {
    summary.executed as f64 / simulated(summary).max(1e-6)
}

/// Adds what is known of the pace to `json`, an object.
pub(crate) fn add_to(json: &mut Json, arguments: &Arguments, summary: &Summary, taken: Taken) {
    let (by_clock, by_processor) = rates(summary, taken);
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let [runs, fastest, slowest] =
        [summary.runs, summary.pace.0, summary.pace.1].map(|count| count as f64);
    let told = json!({
        "machines": machines(arguments),
        "cryptography": arguments.cryptography.to_string(),
        "replicas": arguments.options.replicas,
        "seeds": [arguments.seeds.start, arguments.seeds.end],
        "pre_prepare_ms": [fastest / 1e3, slowest / 1e3],
        "runs_per_second": runs / taken.seconds,
        "simulated_seconds": simulated(summary),
        "simulated_seconds_per_second": by_clock,
        "simulated_seconds_per_cpu_second": by_processor,
        "updates_per_simulated_second": density(summary),
        "seconds": taken.seconds,
        "cpu_seconds": taken.processor,
        "threads": arguments.threads,
    });
    if let (Json::Object(all), Json::Object(told)) = (json, told) {
        all.extend(told);
    }
}

/// The same in two lines.
pub(crate) fn told(arguments: &Arguments, summary: &Summary, taken: Taken) -> String {
    let (by_clock, by_processor) = rates(summary, taken);
    let processor = by_processor
        .map_or_else(String::new, |rate| format!(", {rate:.0} a second of one core's time"));
    let (fastest, slowest) = summary.pace;
    let ms = |us: u64| us / 1_000;
    let pace = match (ms(fastest), ms(slowest)) {
        (one, other) if one == other => format!("every {one} ms"),
        (one, other) => format!("every {one} to {other} ms, as the seed has it"),
    };
    format!(
        "{} runs in {:.1} s: {by_clock:.0} simulated seconds a second{processor}\n\
         {} replicas, {} (--cryptography {}); Pre-Prepares {pace}",
        summary.runs,
        taken.seconds,
        arguments.options.replicas,
        machines(arguments),
        arguments.cryptography
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_whatever_the_program_is_called() {
        let line = "7 (a) b 1 (x)) R 1 2 3 4 5 6 7 8 9 10 250 50 9 9";
        assert_eq!(ticks(line), Some(3.0));
        assert_eq!(ticks("7 (a) R 1 2"), None);
    }
}
