//! `patchy churn`.

use crate::context::Context;
use crate::exit::{ExitCode, Result};
use crate::progress::Progress;
use crate::report::Report;
use cluster::{Churn, ChurnReport};
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Longest time between two answers that is no loss of liveness. Unit: milliseconds.
const LONGEST_PAUSE: f64 = 2000.0;

/// Kills and revives f replicas of a running cluster again and again under load, whoever leads, and
/// says what clients saw: the longest time without an answer, and whether anything was lost.
///
/// Ends with 4 if an acknowledged update is not there afterwards or was executed twice, and with 3 if
/// there was no answer for more than 2 seconds.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: patchy churn /tmp/cluster --seconds 60")]
pub(crate) struct Arguments {
    /// The cluster's folder
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Updates outstanding
    #[arg(long, value_name = "C", default_value_t = 16, value_parser = super::bench::positive())]
    clients: usize,
    /// For how long
    #[arg(long, value_name = "T", default_value_t = 60)]
    seconds: u64,
}

pub(crate) fn run(arguments: Arguments, _: &Context) -> Result<Report> {
    let churn =
        Churn { duration: Duration::from_secs(arguments.seconds), outstanding: arguments.clients };
    let progress = Progress::new("churn", arguments.seconds);
    let start = Instant::now();
    let told = |updates| {
        progress.set(start.elapsed().as_secs(), format!("s, {updates} updates answered"));
    };
    let report = cluster::churn(&arguments.dir, &churn, told)?;
    drop(progress);
    let code = if report.lost > 0 || report.repeated > 0 {
        ExitCode::SafetyBroken
    } else if report.longest_gap_ms > LONGEST_PAUSE {
        ExitCode::LivenessLost
    } else {
        ExitCode::Done
    };
    Ok(Report::done(json!(report), describe(&report)).with_code(code))
}

fn describe(report: &ChurnReport) -> String {
    let suspected = match &report.suspected[..] {
        [] => "nobody is suspected".to_owned(),
        ids => format!("suspected although correct: {ids:?}"),
    };
    format!(
        "{} updates acknowledged, {} lost, {} executed twice; the longest time between two answers \
         was {:.0} ms ({} were longer than half a second)\n{} replicas killed and revived, {} view \
         changes, {suspected}\n({} outstanding, {:.0} s)",
        report.updates,
        report.lost,
        report.repeated,
        report.longest_gap_ms,
        report.long_gaps,
        report.kills,
        report.view_changes,
        report.clients,
        report.seconds,
    )
}
