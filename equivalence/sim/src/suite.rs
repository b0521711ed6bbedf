//! Many seeds, on several threads, with one verdict that does not depend on the threads.

use crate::absence::Comeback;
use crate::cluster::Setup;
use crate::delay::Measured;
use crate::monitor::Watched;
use crate::run::{Options, Report, run};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use wire::digest::Hasher;
use wire::{Digest, Machine};

/// What a range of seeds came to. Counts are sums over all runs.
#[derive(Clone, Debug)]
pub struct Summary {
    /// How many runs there were.
    pub runs: u64,
    /// The runs that found something, by seed.
    pub violations: Vec<Report>,
    /// Over the traces of all runs, in the order of their seeds.
    pub trace: Digest,
    /// Over the histories of all runs, in the order of their seeds.
    pub history: Digest,
    /// Virtual time. Unit: microseconds.
    pub simulated: u64,
    /// The shortest and the longest time between two Pre-Prepares of a leader, of all runs. Unit: microseconds.
    pub pace: (u64, u64),
    /// Updates submitted by clients.
    pub submitted: u64,
    /// Updates in the agreed histories.
    pub executed: u64,
    /// Messages that reached a running replica.
    pub deliveries: u64,
    /// Highest views reached, summed.
    pub view_changes: u64,
    /// Processes killed.
    pub kills: u64,
    /// Bytes put on links.
    pub bytes: u64,
    /// Longest time to an answer in any run. Unit: microseconds.
    pub max_latency: u64,
    /// Of the run that came nearest to its bound, if any had one.
    pub nearest: Option<Measured>,
    /// What BOUNDED-DELAY was asked of.
    pub demanded: Demanded,
    /// Runs in which a replica's memory was held against what windows allow, and in which against growth.
    pub memory_judged: (u64, u64),
    /// The most that a replica held of what windows allow in any run, and that. Unit: bytes.
    pub fullest: (u64, u64),
    /// Longest time without any answer while somebody was away or came back, in any run. Unit: microseconds.
    pub longest_pause: u64,
    /// Who came back from an absence, in order of the seeds.
    pub comebacks: Vec<Comeback>,
    /// Sends by kind of message.
    pub sent: Vec<(&'static str, u64)>,
}

/// How much was held against BOUNDED-DELAY: a checker that judges nothing finds nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demanded {
    /// Runs that have a bound.
    pub runs: u64,
    /// Those in which some update was held against it.
    pub judging: u64,
    /// Updates that were, in all of them.
    pub updates: u64,
}

impl Demanded {
    fn of(reports: &[Report]) -> Self {
        let measured = reports.iter().filter_map(|report| report.measured.as_ref());
        measured.fold(Self::default(), |sum, run| Self {
            runs: sum.runs + 1,
            judging: sum.judging + u64::from(run.judged > 0),
            updates: sum.updates + run.judged,
        })
    }
}

/// Runs all `seeds` on `threads` threads; `progress` is told how many are done.
pub fn suite<M: Machine<Protocol: Watched>>(
    seeds: Range<u64>,
    options: &Options,
    setup: &Setup<M>,
    threads: usize,
    mut progress: impl FnMut(u64),
) -> Summary {
    let next = AtomicU64::new(seeds.start);
    let (sender, receiver) = mpsc::channel();
    let mut reports: Vec<Report> = Vec::new();
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            let (sender, next) = (sender.clone(), &next);
            let end = seeds.end;
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end || sender.send(run(seed, options, setup)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for report in receiver {
            reports.push(report);
            progress(reports.len() as u64);
        }
    });
    reports.sort_by_key(|report| report.seed);
    summarise(reports)
}

/// Adds up `reports`, which are in the order of their seeds.
pub(crate) fn summarise(reports: Vec<Report>) -> Summary {
    let sum = |of: fn(&Report) -> u64| reports.iter().map(of).sum();
    let all = |domain, of: fn(&Report) -> Digest| {
        let mut hasher = Hasher::new(domain);
        reports.iter().for_each(|report| hasher.put_value(&(report.seed, of(report))));
        hasher.finish()
    };
    let paces = || reports.iter().map(|report| report.pace);
    let mut sent = std::collections::BTreeMap::new();
    for (kind, count) in reports.iter().flat_map(|report| &report.tally.sent) {
        *sent.entry(*kind).or_default() += count;
    }
    Summary {
        runs: reports.len() as u64,
        trace: all("patchy traces 1", |report| report.trace),
        history: all("patchy histories 1", |report| report.history),
        simulated: sum(|report| report.simulated),
        pace: (paces().min().unwrap_or(0), paces().max().unwrap_or(0)),
        submitted: sum(|report| report.submitted),
        executed: sum(|report| report.executed),
        deliveries: sum(|report| report.tally.deliveries),
        view_changes: sum(|report| report.tally.views),
        kills: sum(|report| report.tally.kills),
        bytes: sum(|report| report.tally.bytes),
        max_latency: reports.iter().map(|report| report.tally.max_latency).max().unwrap_or(0),
        nearest: nearest(&reports),
        demanded: Demanded::of(&reports),
        memory_judged: (
            sum(|report| u64::from(report.tally.fullest.1 > 0)),
            sum(|report| u64::from(report.tally.growth)),
        ),
        fullest: fullest(&reports),
        longest_pause: reports.iter().map(|report| report.tally.longest_pause).max().unwrap_or(0),
        comebacks: reports.iter().flat_map(|report| report.tally.comebacks.clone()).collect(),
        sent: sent.into_iter().collect(),
        violations: reports.into_iter().filter(|report| report.violation.is_some()).collect(),
    }
}

/// What the replica held that came nearest to what it might, in any run, and that.
fn fullest(reports: &[Report]) -> (u64, u64) {
    let product = |a: u64, b: u64| u128::from(a) * u128::from(b);
    let all = reports.iter().map(|report| report.tally.fullest).filter(|(_, most)| *most > 0);
    let fullest = all.max_by(|a, b| product(a.0, b.1).cmp(&product(b.0, a.1)));
    fullest.unwrap_or((0, 0))
}

/// What was measured in the run that came nearest to its bound, or went furthest beyond it.
fn nearest(reports: &[Report]) -> Option<Measured> {
    let product = |a: u64, b: u64| u128::from(a) * u128::from(b);
    let measured = reports.iter().filter_map(|report| report.measured.as_ref());
    let nearest = measured
        .max_by(|a, b| product(a.worst, b.bound.total()).cmp(&product(b.worst, a.bound.total())));
    nearest.cloned()
}
