//! `patchy bench`, and the load processes that it starts.

use crate::context::Context;
use crate::exit::{ExitCode, Failure, Result};
use crate::progress::Progress;
use crate::report::Report;
use clap::ValueEnum;
use client::Signing;
use cluster::{Bench, BenchReport, Loader};
use serde_json::json;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A count that makes no sense as 0: refused with the rest of the command line.
pub(crate) fn positive() -> clap::builder::RangedU64ValueParser<usize> {
    clap::builder::RangedU64ValueParser::new().range(1..)
}

/// A time in which something is to happen. Unit: seconds.
pub(crate) fn seconds(least: u64) -> clap::builder::RangedU64ValueParser<u64> {
    clap::builder::RangedU64ValueParser::new().range(least..)
}

/// Loads a running cluster with signed updates: a fixed number outstanding, each answer followed
/// by the next update. An update counts when f+1 replicas gave the same answer.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: patchy bench /tmp/cluster --clients 64 --processes 2 --seconds 10"
)]
pub(crate) struct Arguments {
    /// The cluster's folder
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Updates outstanding in all
    #[arg(long, value_name = "C", default_value_t = 64, value_parser = positive())]
    clients: usize,
    /// Load processes, each with a key of its own
    #[arg(long, value_name = "P", default_value_t = 1, value_parser = positive())]
    processes: usize,
    /// One signature for each update, or for all that are submitted at the same moment
    #[arg(long, value_enum, default_value_t = Signs::Each)]
    signing: Signs,
    /// For how long
    #[arg(long, value_name = "T", default_value_t = 10, value_parser = seconds(1))]
    seconds: u64,
    /// Bytes of an update
    #[arg(long, value_name = "B", default_value_t = 512)]
    payload: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Signs {
    Each,
    Batch,
}

/// One load process; its own arguments follow.
#[derive(Debug, clap::Args)]
pub(crate) struct LoadArguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<OsString>,
}

pub(crate) fn run(arguments: Arguments, _: &Context) -> Result<Report> {
    let bench = Bench {
        outstanding: arguments.clients,
        processes: arguments.processes,
        signing: match arguments.signing {
            Signs::Each => Signing::Each,
            Signs::Batch => Signing::Batch,
        },
        duration: Duration::from_secs(arguments.seconds),
        payload: arguments.payload,
        loader: loader()?,
    };
    let measured = measure(&arguments.dir, &bench)?;
    let code = if measured.updates == 0 { ExitCode::LivenessLost } else { ExitCode::Done };
    Ok(Report::done(json!(measured), describe(&measured)).with_code(code))
}

/// The tool itself makes the load, in processes of their own.
pub(crate) fn loader() -> Result<Loader> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::internal(format!("where am I? {error}")))?;
    Ok(Loader { program, args: vec!["load".into()] })
}

/// Makes a load with a progress bar.
pub(crate) fn measure(dir: &Path, bench: &Bench) -> Result<BenchReport> {
    let progress = Progress::new("load", bench.duration.as_secs());
    let start = Instant::now();
    let told = |updates| {
        progress.set(start.elapsed().as_secs(), format!("s, {updates} updates answered"));
    };
    Ok(cluster::bench(dir, bench, told)?)
}

/// Figures with the workload that they are of.
pub(crate) fn describe(measured: &BenchReport) -> String {
    let errors = match &measured.first_error {
        Some(first) => format!("{} errors, the first: {first}", measured.errors),
        None => "no errors".to_owned(),
    };
    format!(
        "{:.0} updates a second, half within {:.1} ms, 99 of 100 within {:.1} ms, {:.0} us of all \
         replicas' processors an update, {errors}\n({} updates of {} bytes in {:.0} s, {} \
         outstanding, {} processes, signed {}, durability {})",
        measured.throughput,
        measured.p50_ms,
        measured.p99_ms,
        measured.cpu_us_per_update,
        measured.updates,
        measured.payload,
        measured.seconds,
        measured.clients,
        measured.processes,
        measured.signing,
        measured.durability,
    )
}

/// Is a load process, which ends with the process that started it.
pub(crate) fn load(arguments: LoadArguments) -> std::process::ExitCode {
    // Without this it ends by itself, a little later.
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    client::load::main(arguments.words)
}
