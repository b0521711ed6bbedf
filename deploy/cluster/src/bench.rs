//! Load from several processes, and what it did to clients and replicas.

use crate::init::{BENCH_CLIENTS, bench_client, client_folder};
use crate::process::Mark;
use crate::supervise::{host_folder, mark};
use crate::{ClusterError, folder};
use client::load::{Line, Load, LoadReport};
use client::{Histogram, Signing};
use layout::NodeFile;
use serde::Serialize;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;
use wire::ReplicaId;

/// The program that makes the load, and what to say before the load's own arguments. It calls
/// [`client::load::main`] with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loader {
    /// Which.
    pub program: PathBuf,
    /// Before the load's own arguments.
    pub args: Vec<OsString>,
}

/// What load to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bench {
    /// Updates outstanding, over all processes.
    pub outstanding: usize,
    /// Processes, each with a key of its own; at most [`BENCH_CLIENTS`].
    pub processes: usize,
    /// See [`Signing`].
    pub signing: Signing,
    /// For how long.
    pub duration: Duration,
    /// Length of an update's payload. Unit: bytes.
    pub payload: usize,
    /// See [`Loader`].
    pub loader: Loader,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BenchReport {
    /// Updates answered a second.
    pub throughput: f64,
    /// Half of all answers came within this.
    pub p50_ms: f64,
    /// 99 of 100 answers came within this.
    pub p99_ms: f64,
    /// Processor time of all replicas for each update.
    pub cpu_us_per_update: f64,
    /// Updates refused or never answered.
    pub errors: u64,
    /// The first of them, in words.
    pub first_error: Option<String>,
    /// What promises survived: `process` or `power`.
    pub durability: String,
    /// Updates answered within the time.
    pub updates: u64,
    /// Workload: updates outstanding.
    pub clients: usize,
    /// Workload: processes.
    pub processes: usize,
    /// Workload: bytes of an update's payload.
    pub payload: usize,
    /// Workload: `each` or `batch`.
    pub signing: String,
    /// Workload: for how long.
    pub seconds: f64,
}

/// Makes load on the running cluster in `dir`; tells `progress` now and then how many updates
/// were answered so far.
///
/// # Errors
/// [`ClusterError`]: no cluster, too many processes, or a load process that could not begin.
pub fn bench(
    dir: &Path,
    bench: &Bench,
    mut progress: impl FnMut(u64),
) -> Result<BenchReport, ClusterError> {
    let cluster = folder::read(dir)?;
    let durability = NodeFile::read(&host_folder(dir, ReplicaId(1)))?.durability;
    let most = (BENCH_CLIENTS as usize).min(bench.outstanding);
    if bench.processes == 0 || bench.processes > most {
        let what = format!("{} processes, but 1 to {most} are possible", bench.processes);
        return Err(ClusterError::Load(what));
    }
    let marks: Vec<Mark> = cluster.config.replicas().filter_map(|id| mark(dir, id)).collect();
    let before: Vec<_> = marks.iter().map(Mark::spent).collect();
    let reports = run_loads(dir, bench, &mut progress)?;
    let after = marks.iter().map(Mark::spent);
    // A replica that was restarted meanwhile counts for nothing.
    let spent: Duration = before
        .into_iter()
        .zip(after)
        .filter_map(|(before, after)| after?.checked_sub(before?))
        .sum();
    Ok(summary(bench, &reports, spent, durability.word()))
}

fn summary(
    bench: &Bench,
    reports: &[LoadReport],
    spent: Duration,
    durability: &str,
) -> BenchReport {
    let mut latency = Histogram::default();
    reports.iter().for_each(|report| latency.merge(&report.latency));
    let sum = |count: fn(&LoadReport) -> u64| reports.iter().map(count).sum::<u64>();
    let updates = sum(|report| report.updates);
    let answered = updates + sum(|report| report.late);
    let millis = |percent| latency.percentile(percent) as f64 / 1000.0;
    BenchReport {
        throughput: updates as f64 / bench.duration.as_secs_f64(),
        p50_ms: millis(50),
        p99_ms: millis(99),
        cpu_us_per_update: spent.as_secs_f64() * 1e6 / answered.max(1) as f64,
        errors: sum(|report| report.errors),
        first_error: reports.iter().find_map(|report| report.first_error.clone()),
        durability: durability.to_string(),
        updates,
        clients: bench.outstanding,
        processes: bench.processes,
        payload: bench.payload,
        signing: format!("{:?}", bench.signing).to_lowercase(),
        seconds: bench.duration.as_secs_f64(),
    }
}

/// Load processes; killed if they are not waited for.
struct Loads(Vec<Child>);

impl Drop for Loads {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn run_loads(
    dir: &Path,
    bench: &Bench,
    progress: &mut impl FnMut(u64),
) -> Result<Vec<LoadReport>, ClusterError> {
    let (tell, lines) = channel();
    let mut loads = Loads(Vec::new());
    for number in 0..bench.processes {
        loads.0.push(spawn(dir, bench, number, tell.clone())?);
    }
    drop(tell);
    let mut so_far = vec![0; bench.processes];
    let mut reports = Vec::new();
    for (number, line) in lines {
        match line {
            Line::Progress(updates) => {
                so_far[number] = updates;
                progress(so_far.iter().sum());
            }
            Line::Report(report) => reports.push(report),
            Line::Failed(what) => return Err(ClusterError::Load(what)),
        }
    }
    if reports.len() < bench.processes {
        return Err(ClusterError::Load("a load process ended without a report".to_string()));
    }
    Ok(reports)
}

/// Starts the `number`-th load process, from 0, and a thread that hands on what it prints.
fn spawn(
    dir: &Path,
    bench: &Bench,
    number: usize,
    tell: Sender<(usize, Line)>,
) -> Result<Child, ClusterError> {
    let share = bench.outstanding / bench.processes;
    let rest = usize::from(number < bench.outstanding % bench.processes);
    let name = bench_client(u32::try_from(number + 1).unwrap_or(u32::MAX));
    let load = Load {
        client: client_folder(dir, &name),
        outstanding: share + rest,
        duration: bench.duration,
        payload: bench.payload,
        signing: bench.signing,
    };
    let Loader { program, args } = &bench.loader;
    let mut child = Command::new(program)
        .args(args)
        .args(load.args())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| ClusterError::Program {
            path: program.clone(),
            what: error.to_string(),
        })?;
    if let Some(out) = child.stdout.take() {
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if let Ok(line) = serde_json::from_str(&line)
                    && tell.send((number, line)).is_err()
                {
                    return;
                }
            }
        });
    }
    Ok(child)
}
