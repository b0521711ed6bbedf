//! `patchy diff`.

use crate::context::Context;
use crate::exit::Result;
use crate::report::Report;
use patcher::{check_plan, choice, read_plan};
use serde_json::json;
use std::path::PathBuf;

/// Shows, slot by slot, the version of one replica against the reference.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: patchy diff mixed.toml 2")]
pub(crate) struct Arguments {
    /// The plan
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// The number of the replica
    #[arg(value_name = "REPLICA")]
    replica: u32,
}

pub(crate) fn run(arguments: Arguments, context: &Context) -> Result<Report> {
    let (project, inventory) = context.inventory()?;
    let plan = read_plan(&arguments.plan)?;
    check_plan(&inventory, &plan)?;
    let replica = plan.replica(arguments.replica)?;
    let changed: Vec<_> = inventory
        .slots
        .keys()
        .filter_map(|slot| choice(&inventory, replica, slot))
        .map(|version| json!({ "slot": version.slot.to_string(), "family": version.family }))
        .collect();
    let diff = patcher::diff(&project, &inventory, replica);
    let text = if changed.is_empty() {
        format!("replica {} is the reference in every slot", replica.id)
    } else {
        diff.clone()
    };
    Ok(Report::done(json!({ "replica": replica.id, "slots": changed, "diff": diff }), text))
}
