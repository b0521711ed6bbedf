//! The mixed cluster at work.

use super::Demo;
use super::build::Programs;
use crate::commands::bench::{describe, loader, measure};
use crate::commands::build::short;
use crate::exit::{ExitCode, Failure, Result};
use crate::interrupt;
use crate::report::table;
use client::Signing;
use cluster::{Bench, BenchReport, ReplicaStatus};
use patcher::Plan;
use std::path::Path;
use std::time::{Duration, Instant};

/// Longest that replicas may take to have executed equally far once nothing new comes.
const SETTLE: Duration = Duration::from_secs(10);

/// Runs the mixture under load.
pub(super) fn run(demo: &Demo<'_>, plan: &Plan, built: &Programs) -> Result<BenchReport> {
    let mut up = demo.stage.up("mixed", built.mixed_paths(), false, None)?;
    let measured = load(demo, &up.dir)?;
    up.all_live()?;
    let replicas = settled(&up.dir)?;
    let head = ["replica", "family", "composition", "pid", "updates executed", "state"];
    let mut shown = table(head);
    for (replica, planned) in replicas.iter().zip(&plan.replicas) {
        shown.add_row([
            replica.id.to_string(),
            planned.family.clone(),
            short(replica.composition.as_deref().unwrap_or_default()).to_owned(),
            replica.pid.unwrap_or_default().to_string(),
            replica.updates.unwrap_or_default().to_string(),
            short(replica.state.as_deref().unwrap_or_default()).to_owned(),
        ]);
    }
    demo.say(shown.to_string());
    demo.say(describe(&measured));
    if measured.updates == 0 {
        return Err(Failure::new(ExitCode::LivenessLost, "the mixture committed no update"));
    }
    Ok(measured)
}

/// Loads a cluster for the time that the arguments give.
pub(super) fn load(demo: &Demo<'_>, dir: &Path) -> Result<BenchReport> {
    interrupt::check()?;
    let bench = Bench {
        outstanding: demo.arguments.clients,
        processes: 1,
        signing: Signing::Each,
        duration: demo.load(),
        payload: demo.arguments.payload,
        loader: loader()?,
    };
    measure(dir, &bench)
}

/// Waits until all replicas that live have executed equally far; their states must then be equal.
pub(super) fn settled(dir: &Path) -> Result<Vec<ReplicaStatus>> {
    let start = Instant::now();
    loop {
        let replicas = cluster::status(dir)?.replicas;
        let living: Vec<&ReplicaStatus> =
            replicas.iter().filter(|replica| replica.alive && replica.answers).collect();
        let Some(first) = living.first() else {
            return Err(Failure::new(ExitCode::LivenessLost, "no replica of the mixture answers"));
        };
        if living.iter().all(|other| other.updates == first.updates) {
            if living.iter().all(|other| other.state == first.state) {
                return Ok(replicas);
            }
            let states: Vec<String> = living
                .iter()
                .map(|replica| {
                    format!("{}: {}", replica.id, replica.state.as_deref().unwrap_or("?"))
                })
                .collect();
            return Err(Failure::new(
                ExitCode::SafetyBroken,
                format!("replicas executed equally far and disagree: {}", states.join(", ")),
            ));
        }
        if start.elapsed() > SETTLE {
            // One that lags behind is slow, not wrong.
            return Ok(replicas);
        }
        interrupt::sleep(Duration::from_millis(50))?;
    }
}
