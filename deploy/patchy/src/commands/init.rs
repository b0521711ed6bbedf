//! `patchy init`.

use crate::admission::{OnTheSpot, admit, fits, mixed};
use crate::commands::build::{build_plan, writable};
use crate::commands::plan::tolerates_nothing;
use crate::context::Context;
use crate::dealing::deal;
use crate::exit::{Failure, Result};
use crate::interrupt::{self, Guard};
use crate::report::{Report, table};
use clap::ValueEnum;
use cluster::Init;
use layout::{Durability, NodeFile};
use patcher::{Built, Plan, Request, provenance_path, read_plan, signature_path};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use wire::Monitoring;

/// Makes the folder of a cluster: configuration, fresh keys, and each replica's program with its
/// provenance and signature. Without a plan the mixed plan of all families is made and built.
///
/// Each replica's folder is complete in itself and holds its own secrets alone.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy init /tmp/cluster --replicas 4
         patchy init /tmp/cluster --replicas 4 --plan mixed.toml --durability power
         patchy init /tmp/cluster --replicas 4 --proofs threshold")]
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
    /// How strictly leaders are judged
    #[arg(long, value_enum, default_value_t = Judged::Robust)]
    monitoring: Judged,
    /// What proves the constraint of a new view
    #[arg(long, value_enum, default_value_t = Proofs::Certificate)]
    proofs: Proofs,
    /// Record every replica's inputs, to replay them
    #[arg(long)]
    flight: bool,
    /// The seed of the plan that is made
    #[arg(long, value_name = "S", default_value_t = 1, conflicts_with = "plan")]
    seed: u64,
    #[command(flatten)]
    spot: OnTheSpot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Level {
    /// The operating system: survives the death of the process
    Process,
    /// The disk: survives the loss of power
    Power,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Proofs {
    /// The signatures of a quorum of replicas
    Certificate,
    /// One signature of the whole cluster, made of a quorum's shares, as in the report; its keys are
    /// dealt here, and its library takes a C compiler
    Threshold,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Judged {
    /// By rules that a correct leader on a busy host keeps
    Robust,
    /// By the report's own rules, for hosts and networks that never vary more than they say
    Report,
    /// Not at all: the first leader stays, and a faulty one can stop the cluster
    Off,
}

impl From<Judged> for Option<Monitoring> {
    fn from(judged: Judged) -> Self {
        match judged {
            Judged::Robust => Some(Monitoring::robust()),
            Judged::Report => Some(Monitoring::report()),
            Judged::Off => None,
        }
    }
}

/// How many replicas there are if nobody says.
const REPLICAS: u32 = 4;

pub(crate) fn run(arguments: Arguments, context: &Context) -> Result<Report> {
    let (project, mut inventory) = context.inventory()?;
    let dir = &arguments.dir;
    must_be_empty(dir)?;
    let plan = arguments.plan.as_deref().map(read_plan).transpose()?;
    if let (Some(asked), Some(plan)) = (arguments.replicas, &plan)
        && asked as usize != plan.replicas.len()
    {
        let (file, has) = (plan.origin.file.display(), plan.replicas.len());
        return Err(Failure::usage(format!(
            "--replicas {asked}: {file} has {has}; leave one of the two out"
        )));
    }
    if let Some(plan) = &plan {
        fits(&inventory, plan)?;
    }
    let unfinished = Unfinished::begin(dir)?;
    let plan = match plan {
        Some(plan) => {
            admit(context, &project, &mut inventory, &plan, &arguments.spot)?;
            plan
        }
        None => {
            let replicas = arguments.replicas.unwrap_or(REPLICAS);
            let request = Request { replicas, seed: arguments.seed, ..Request::default() };
            mixed(context, &project, &mut inventory, &request, &arguments.spot)?
        }
    };
    if let Some(note) = tolerates_nothing(&plan) {
        context.note(&note);
    }
    let n = u16::try_from(plan.replicas.len()).unwrap_or(u16::MAX);
    let f = u16::try_from(plan.tolerate).unwrap_or(u16::MAX);
    let k = u16::try_from(plan.recovering).unwrap_or(u16::MAX);
    let threshold = arguments.proofs == Proofs::Threshold;
    let plan = with_library(plan, threshold);
    let addresses = match &arguments.hosts {
        Some(hosts) => Some(cluster::read_hosts(hosts, n)?),
        None => None,
    };
    let generated = project.generated();
    fs::create_dir_all(&generated).map_err(Failure::file(&generated))?;
    let staging = tempfile::tempdir_in(&generated).map_err(Failure::file(&generated))?;
    let built = build_plan(&project, &inventory, &plan, staging.path())?;
    let quorum = wire::Config::new(wire::Digest::default(), n, f, k).quorum();
    let dealt = threshold.then(|| deal(&project, &inventory, n, quorum)).transpose()?;
    let init = Init {
        programs: built.iter().map(|built| built.path.clone()).collect(),
        f,
        k,
        durability: match arguments.durability {
            Level::Process => Durability::Process,
            Level::Power => Durability::Power,
        },
        flight: arguments.flight,
        monitoring: arguments.monitoring.into(),
        threshold: dealt,
        addresses,
        ..Init::new(dir.clone(), n, PathBuf::new())
    };
    let created = cluster::init(&init)?;
    settle(dir, &plan, &built)?;
    interrupt::check()?;
    unfinished.0.forget();
    Ok(report(dir, &created, &plan, &built))
}

/// The plan with the library that a cluster of such proofs takes in every replica's program.
fn with_library(mut plan: Plan, threshold: bool) -> Plan {
    let name = if threshold { "blst" } else { "none" };
    for replica in &mut plan.replicas {
        replica.providers.insert("threshold".to_owned(), name.to_owned());
    }
    plan
}

/// A cluster's folder that is not complete yet. Going out of scope it leaves what it found:
/// nothing, or an empty folder.
struct Unfinished(Guard);

impl Unfinished {
    fn begin(dir: &Path) -> Result<Self> {
        let (was_there, path) = (dir.is_dir(), dir.to_owned());
        writable(dir)?.keep();
        Ok(Self(interrupt::on_exit(move || {
            // What cannot be removed is named by the next try.
            let _ = fs::remove_dir_all(&path);
            if was_there {
                let _ = fs::create_dir(&path);
            }
        })))
    }
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
