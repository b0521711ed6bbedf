//! `patchy churn`.

use crate::context::Context;
use crate::exit::{ExitCode, Failure, Result};
use crate::interrupt;
use crate::progress::Progress;
use crate::report::Report;
use cluster::{Churn, ChurnReport, ClusterError};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
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
    #[arg(long, value_name = "T", default_value_t = 60, value_parser = super::bench::seconds(2))]
    seconds: u64,
}

/// Longest that reviving replicas may take once a signal has come.
const REVIVED: Duration = Duration::from_secs(60);

pub(crate) fn run(arguments: Arguments, _: &Context) -> Result<Report> {
    let churn =
        Churn { duration: Duration::from_secs(arguments.seconds), outstanding: arguments.clients };
    let progress = Progress::new("churn", arguments.seconds);
    let start = Instant::now();
    let told = |updates| {
        progress.set(start.elapsed().as_secs(), format!("s, {updates} updates answered"));
    };
    // Whoever ends this process on a signal waits until the dead are revived.
    let (done, over) = mpsc::channel::<()>();
    let guard = interrupt::on_exit(move || {
        let _ = over.recv_timeout(REVIVED);
    });
    let report = cluster::churn(&arguments.dir, &churn, &interrupt::RAISED, told);
    drop(done);
    drop(guard);
    let report = report.map_err(|error| interrupted(&arguments.dir, error))?;
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

/// What became of the replicas that were down when a signal came.
fn interrupted(dir: &Path, error: ClusterError) -> Failure {
    let said = match error {
        ClusterError::Cancelled => {
            "interrupted; every replica that was killed runs again".to_owned()
        }
        error if interrupt::check().is_ok() => return error.into(),
        error => {
            let dir = dir.display();
            format!("interrupted, and {error}; `patchy up {dir}` starts what is down")
        }
    };
    Failure::new(ExitCode::Interrupted, said)
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
