//! `patchy build`.

use crate::admission::{OnTheSpot, admit, fits};
use crate::confine;
use crate::context::Context;
use crate::exit::{Failure, Result};
use crate::progress::building;
use crate::report::{Report, table};
use patcher::{Built, How, Inventory, Kind, Plan, Project, Target, read_plan};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Builds one reproducible binary a replica, with its provenance inside and the builder's
/// signature beside it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: patchy build mixed.toml -o out")]
pub(crate) struct Arguments {
    /// The plan
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Where the binaries go
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    spot: OnTheSpot,
}

pub(crate) fn run(arguments: Arguments, context: &Context) -> Result<Report> {
    let start = Instant::now();
    let (project, mut inventory) = context.inventory()?;
    let plan = read_plan(&arguments.plan)?;
    fits(&inventory, &plan)?;
    let fresh = writable(&arguments.output)?;
    admit(context, &project, &mut inventory, &plan, &arguments.spot)?;
    let built = build_plan(&project, &inventory, &plan, &arguments.output)?;
    drop(fresh);
    let seconds = start.elapsed().as_secs_f64();
    let mut shown = table(["replica", "family", "composition", "sha256", "binary"]);
    for (built, replica) in built.iter().zip(&plan.replicas) {
        shown.add_row([
            built.replica.to_string(),
            replica.family.clone(),
            short(&built.composition).to_owned(),
            short(&built.sha256).to_owned(),
            built.path.display().to_string(),
        ]);
    }
    let text = format!("{shown}\nbuilt in {seconds:.1} s");
    Ok(Report::done(json!({ "binaries": built, "seconds": seconds }), text))
}

/// Builds the replicas of a plan into a folder.
pub(crate) fn build_plan(
    project: &Project,
    inventory: &Inventory,
    plan: &Plan,
    output: &Path,
) -> Result<Vec<Built>> {
    let targets = Target::of_plan(plan);
    build_targets(project, inventory, Kind::Replica, &targets, output)
}

/// A folder for what is to be built. One that is still empty when this goes out of scope is
/// removed, if it was not there before.
#[must_use]
pub(crate) struct Fresh(Option<PathBuf>);

impl Fresh {
    /// Leaves the folder as it is.
    pub(crate) fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            // Fails if something is in it, and that is as it should be.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Makes a folder and tries it: a build is long, and a folder that cannot be written is found out
/// at once.
pub(crate) fn writable(folder: &Path) -> Result<Fresh> {
    let fresh = Fresh((!folder.exists()).then(|| folder.to_owned()));
    fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    tempfile::tempfile_in(folder).map_err(Failure::file(folder))?;
    Ok(fresh)
}

/// Builds targets into a folder.
pub(crate) fn build_targets(
    project: &Project,
    inventory: &Inventory,
    kind: Kind,
    targets: &[Target],
    output: &Path,
) -> Result<Vec<Built>> {
    let _fresh = writable(output)?;
    // A plan may override that nobody has judged a version.
    let compiler = confine::wrapper(project, None)?;
    let compiler = Some(compiler.as_path());
    let built = building("building", |watch| {
        patcher::build(project, inventory, How { kind, compiler }, targets, output, watch)
    })?;
    Ok(built)
}

/// Enough of a hash for people.
pub(crate) fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
