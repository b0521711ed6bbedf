//! `patchy init`.

use crate::commands::build::build_plan;
use crate::context::Context;
use crate::exit::{Failure, Result};
use crate::report::{Report, table};
use crate::verdicts;
use clap::ValueEnum;
use cluster::Init;
use layout::{Durability, NodeFile};
use patcher::{
    Built, Plan, Request, check_plan, make_plan, provenance_path, read_plan, signature_path,
};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// Makes the folder of a cluster: configuration, fresh keys, and each replica's program with its
/// provenance and signature. Without a plan the mixed plan of all families is made and built.
///
/// Each replica's folder is complete in itself and holds its own secrets alone.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy init /tmp/cluster --replicas 4
         patchy init /tmp/cluster --replicas 4 --plan mixed.toml --durability power")]
pub(crate) struct Arguments {
    /// Where; a new or empty folder
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// How many replicas [default: as many as the plan has, else 4]
    #[arg(long, value_name = "N")]
    replicas: Option<u32>,
    /// What the replicas are made of
    #[arg(long, value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// Where replicas listen: TOML with a `[[host]]` for each, with id, peer, client and status
    /// [default: free ports of this machine]
    #[arg(long, value_name = "FILE")]
    hosts: Option<PathBuf>,
    /// What a promise must have reached before it is spoken
    #[arg(long, value_enum, default_value_t = Level::Process)]
    durability: Level,
    /// Record every replica's inputs, to replay them
    #[arg(long)]
    flight: bool,
    /// The seed of the plan that is made
    #[arg(long, value_name = "S", default_value_t = 1, conflicts_with = "plan")]
    seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Level {
    /// The operating system: survives the death of the process
    Process,
    /// The disk: survives the loss of power
    Power,
}

/// How many replicas there are if nobody says.
const REPLICAS: u32 = 4;

pub(crate) fn run(arguments: Arguments, context: &Context) -> Result<Report> {
    let (project, inventory) = context.inventory()?;
    let dir = &arguments.dir;
    must_be_empty(dir)?;
    let plan = match &arguments.plan {
        Some(file) => read_plan(file)?,
        None => {
            let replicas = arguments.replicas.unwrap_or(REPLICAS);
            make_plan(
                &inventory,
                &Request { replicas, seed: arguments.seed, ..Request::default() },
            )?
        }
    };
    check_plan(&inventory, &plan)?;
    verdicts::allow(&project, &inventory, &plan)?;
    if let (Some(asked), Some(file)) = (arguments.replicas, &arguments.plan)
        && asked as usize != plan.replicas.len()
    {
        let has = plan.replicas.len();
        return Err(Failure::usage(format!(
            "--replicas {asked}: {} has {has}; leave one of the two out",
            file.display()
        )));
    }
    let n = u16::try_from(plan.replicas.len())
        .map_err(|_| Failure::usage("a cluster has at most 64 replicas"))?;
    let addresses = match &arguments.hosts {
        Some(hosts) => Some(cluster::read_hosts(hosts, n)?),
        None => None,
    };
    fs::create_dir_all(dir).map_err(Failure::file(dir))?;
    tempfile::tempfile_in(dir).map_err(Failure::file(dir))?;
    let staging = tempfile::tempdir_in(project.generated()).map_err(Failure::file(dir))?;
    let built = build_plan(&project, &inventory, &plan, staging.path())?;
    let init = Init {
        programs: built.iter().map(|built| built.path.clone()).collect(),
        f: u16::try_from(plan.tolerate).unwrap_or(u16::MAX),
        k: u16::try_from(plan.recovering).unwrap_or(u16::MAX),
        durability: match arguments.durability {
            Level::Process => Durability::Process,
            Level::Power => Durability::Power,
        },
        flight: arguments.flight,
        addresses,
        ..Init::new(dir.clone(), n, PathBuf::new())
    };
    let created = cluster::init(&init)?;
    settle(dir, &plan, &built)?;
    Ok(report(dir, &created, &plan, &built))
}

fn must_be_empty(dir: &Path) -> Result<()> {
    let holds_something = fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if holds_something {
        return Err(cluster::ClusterError::NotEmpty(dir.to_owned()).into());
    }
    Ok(())
}

/// Moves each replica's program into its host folder, so that the folder is all that a host needs.
fn settle(dir: &Path, plan: &Plan, built: &[Built]) -> Result<()> {
    let absolute = dir.canonicalize().map_err(Failure::file(dir))?;
    for (id, built) in (1..).zip(built) {
        let host = absolute.join(format!("replica-{id}"));
        let program = host.join("replica");
        let copies = [
            (built.path.clone(), program.clone()),
            (provenance_path(&built.path), provenance_path(&program)),
            (signature_path(&built.path), signature_path(&program)),
        ];
        for (from, to) in copies {
            fs::copy(&from, &to).map_err(Failure::file(&to))?;
        }
        let mut node = NodeFile::read(&host)?;
        node.binary = program;
        node.write(&host)?;
    }
    let file = dir.join("plan.toml");
    fs::write(&file, plan.to_toml()).map_err(Failure::file(&file))
}

fn report(dir: &Path, created: &cluster::Created, plan: &Plan, built: &[Built]) -> Report {
    let mut shown = table(["replica", "family", "composition"]);
    let mut replicas = Vec::new();
    for (id, (replica, built)) in (1..).zip(plan.replicas.iter().zip(built)) {
        let composition = crate::commands::build::short(&built.composition).to_owned();
        shown.add_row([format!("{id}"), replica.family.clone(), composition]);
        replicas.push(json!({
            "id": id, "family": replica.family, "composition": built.composition,
            "sha256": built.sha256,
        }));
    }
    let text =
        format!("{shown}\n{} is ready: start it with `patchy up {}`", dir.display(), dir.display());
    let mut json = json!(created);
    json["replicas"] = replicas.into();
    Report::done(json, text)
}
