//! `patchy up` and `patchy down`.

use crate::commands::status;
use crate::context::Context;
use crate::exit::{ExitCode, Result};
use crate::interrupt;
use crate::progress::Progress;
use crate::report::Report;
use cluster::{Starting, Stopped};
use serde_json::json;
use std::path::PathBuf;

/// Starts a cluster's replicas, each detached and with its own log, and returns when all of them
/// answer. If one cannot start, those that were started are stopped again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: patchy up /tmp/cluster")]
pub(crate) struct Arguments {
    /// The cluster's folder
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Stops a cluster's replicas: asks them first, and kills those that do not listen.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: patchy down /tmp/cluster")]
pub(crate) struct DownArguments {
    /// The cluster's folder
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

pub(crate) fn run(arguments: Arguments, _: &Context) -> Result<Report> {
    let dir = arguments.dir;
    let ran: Vec<u16> = alive(&dir)?;
    let starting = Starting::default();
    let undo = {
        let (dir, starting) = (dir.clone(), starting.clone());
        let ran = ran.clone();
        interrupt::on_exit(move || {
            starting.close();
            for id in alive(&dir).unwrap_or_default() {
                if !ran.contains(&id) {
                    // Whatever hinders it, the failure that led here is what people should read.
                    let _ = cluster::stop_one(&dir, wire::ReplicaId(id));
                }
            }
        })
    };
    let progress = Progress::new("starting", 0);
    let started = cluster::up_while(&dir, &starting);
    drop(progress);
    interrupt::check()?;
    let count = started?.ids().len();
    undo.forget();
    let mut report = status::report(&cluster::status(&dir)?).with_code(ExitCode::Done);
    report.json["started"] = count.into();
    report.text = format!("{}\n{count} replicas started, {} ran already", report.text, ran.len());
    Ok(report)
}

fn alive(dir: &std::path::Path) -> Result<Vec<u16>> {
    let status = cluster::status(dir)?;
    Ok(status.replicas.iter().filter(|replica| replica.alive).map(|replica| replica.id).collect())
}

pub(crate) fn down(arguments: DownArguments, _: &Context) -> Result<Report> {
    let _progress = Progress::new("stopping", 0);
    let stopped = cluster::down(&arguments.dir)?;
    let mut lines = Vec::new();
    let mut replicas = Vec::new();
    for (id, stopped) in &stopped {
        let how = match stopped {
            Stopped::Cleanly => "stopped",
            Stopped::Killed => "did not listen and was killed",
            Stopped::DidNotRun => "did not run",
        };
        lines.push(format!("replica {id} {how}"));
        replicas.push(json!({ "id": id.0, "stopped": stopped }));
    }
    Ok(Report::done(json!({ "replicas": replicas }), lines.join("\n")))
}
