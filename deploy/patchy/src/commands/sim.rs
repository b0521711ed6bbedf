//! `patchy sim`.

use crate::admission::{OnTheSpot, admit};
use crate::commands::build::build_targets;
use crate::confine::Limits;
use crate::context::Context;
use crate::exit::{ExitCode, Failure, Result};
use crate::process::{self, Input, Job};
use crate::progress::{Progress, building};
use crate::report::Report;
use patcher::{Inventory, Kind, Project, Run, Runner, Target, build_runner, read_plan};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Runs whole clusters on simulated time, network and disks, once for each seed, and checks that
/// they are safe and then that they go on.
///
/// Without a plan every replica is the reference.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy sim --replicas 4 --seeds 0..1000 --faults network
         patchy sim --adversary all --seeds 0..1000
         patchy sim --scenario leader-delay --replicas 7 --seeds 0..20
         patchy sim --plan mixed.toml --seeds 0..100")]
pub(crate) struct Arguments {
    /// How many replicas, at least 3F + 2K + 1 [default: as many as the plan has, else 4]
    #[arg(long, value_name = "N")]
    replicas: Option<u16>,
    /// How many of them may be recovering at once
    #[arg(long, value_name = "K")]
    recovering: Option<u16>,
    /// Run the compositions of this plan, one a replica
    #[arg(long, value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// Seeds from A up to, not including, B [default: 0..100]
    #[arg(long, value_name = "A..B")]
    seeds: Option<String>,
    /// From which faults the seeds may choose: none, network or swarm (everything)
    #[arg(long, value_name = "NAME")]
    faults: Option<String>,
    /// How up to f replicas are Byzantine: a name (a wrong one lists them), all or none
    #[arg(long, value_name = "NAME")]
    adversary: Option<String>,
    /// Runs with a purpose instead: leader-delay, whose leader delays all it may and stays in power,
    /// leader-delay-too-long, whose leader delays a tenth more and is replaced, leader-delay-robust, the
    /// first under robust rules, busy-hosts, whose leader is correct and stays in power whatever its
    /// host and f slanderers do, steady-load, 1,000 updates a second and no faults,
    /// or rejoin, where one that was away for a minute of that, and one with an empty disk, come back
    #[arg(long, value_name = "NAME", conflicts_with_all = ["faults", "adversary"])]
    scenario: Option<String>,
    /// Leave faults out, such as kills,partitions,loss; a wrong name prints all
    #[arg(long, value_name = "NAMES")]
    without: Option<String>,
    /// How many clients, instead of what the seed says
    #[arg(long, value_name = "C")]
    clients: Option<u32>,
    /// Most updates of each client before the faults end
    #[arg(long, value_name = "U")]
    updates: Option<u64>,
    /// How long faults and load last, in simulated time
    #[arg(long, value_name = "MS")]
    milliseconds: Option<u64>,
    /// Updates a simulated second that all clients together ask for
    #[arg(long, value_name = "R")]
    rate: Option<u64>,
    /// Time between two PO-Requests, PO-ARUs and Pre-Prepares of a replica
    #[arg(long, value_name = "MS")]
    aggregate: Option<u64>,
    /// What signatures are: real (Ed25519, keys by the seed) or stub; those by a threshold are stubs either
    /// way [default: stub]
    #[arg(long, value_name = "NAME")]
    cryptography: Option<String>,
    /// Look for the smallest run of this seed that goes wrong in the same way
    #[arg(long, value_name = "SEED", conflicts_with = "seeds")]
    minimise: Option<u64>,
    /// Worker threads; the result does not depend on them [default: one a processor]
    #[arg(long, value_name = "T")]
    threads: Option<usize>,
    /// How many replicas may panic and count as faulty
    #[arg(long, value_name = "D")]
    tolerate_deaths: Option<usize>,
    #[command(flatten)]
    spot: OnTheSpot,
}

/// Memory for a simulation. Unit: bytes.
const MEMORY: u64 = 16 << 30;

/// The simulator's allocator keeps what a run gave back: the next moments want as much, and pages that the
/// kernel has to clear anew were a seventh of all processor time under load.
const KEEPS_MEMORY: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "-1");

/// Longest simulation. Unit: seconds.
const LONGEST: u64 = 24 * 3600;

pub(crate) fn run(arguments: Arguments, context: &Context) -> Result<Report> {
    // Before minutes of building.
    arguments.seeds.as_deref().map_or(Ok(()), check_seeds)?;
    let size = arguments.replicas.or_else(|| arguments.plan.is_none().then_some(4));
    if let Some(size) = size {
        let recovering = arguments.recovering.unwrap_or(0);
        wire::config::check_size(size, recovering).map_err(Failure::usage)?;
    }
    let (project, mut inventory) = context.inventory()?;
    let (libraries, replicas) = match &arguments.plan {
        None => (Vec::new(), arguments.replicas),
        Some(plan) => {
            let libraries = libraries(context, &project, &mut inventory, plan, &arguments.spot)?;
            let replicas = u16::try_from(libraries.len()).ok();
            if arguments.replicas.is_some_and(|asked| Some(asked) != replicas) {
                return Err(Failure::usage(format!(
                    "--replicas {}: {} has {}; leave one of the two out",
                    arguments.replicas.unwrap_or_default(),
                    plan.display(),
                    libraries.len()
                )));
            }
            (libraries, replicas)
        }
    };
    let runner = reference_runner(&project, &inventory)?;
    let words = words(&arguments, replicas, &libraries, context.json());
    let progress = Progress::of_minutes("simulating");
    progress.say("seed after seed");
    let job = Job {
        program: &runner,
        arguments: words,
        limits: Some(Limits { memory: MEMORY, cpu: LONGEST, read: libraries, ..Limits::default() }),
        timeout: Duration::from_secs(LONGEST),
        heard: false,
        environment: &[KEEPS_MEMORY],
        input: Input::Nothing,
    };
    let ended = process::run(&job)?;
    let code = ExitCode::of_runner(ended.code);
    if matches!(code, ExitCode::Usage | ExitCode::Internal) {
        let said = ended.stderr.trim();
        let sentence = match code {
            ExitCode::Usage => said.to_owned(),
            _ => format!("the simulator did not end well: {}", ended.why()),
        };
        return Err(Failure::new(code, sentence).with_details(match code {
            ExitCode::Usage => "",
            _ => said,
        }));
    }
    let json = if context.json() {
        serde_json::from_str(&ended.stdout)
            .map_err(|error| Failure::internal(format!("the simulator's answer: {error}")))?
    } else {
        serde_json::Value::Null
    };
    Ok(Report::done(json, ended.stdout).with_code(code))
}

/// Refuses what the simulator would refuse, in its words.
fn check_seeds(seeds: &str) -> Result<()> {
    let parts = seeds.split_once("..").and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    match parts.filter(|(first, end): &(u64, u64)| first < end) {
        Some(_) => Ok(()),
        None => Err(Failure::usage(format!("--seeds takes a range such as 0..100, not `{seeds}`"))),
    }
}

/// Builds each replica of a plan as a library.
fn libraries(
    context: &Context,
    project: &Project,
    inventory: &mut Inventory,
    plan: &Path,
    spot: &OnTheSpot,
) -> Result<Vec<PathBuf>> {
    let plan = read_plan(plan)?;
    admit(context, project, inventory, &plan, spot)?;
    let output = project.generated().join("sim");
    let targets = Target::of_plan(&plan);
    let built = build_targets(project, inventory, Kind::Library, &targets, &output)?;
    // Under the name of its composition, so that two simulations at once do not mix them up.
    Ok(built
        .into_iter()
        .map(|built| project.generated().join("cache").join(built.composition).join("library"))
        .collect())
}

/// The simulator with the reference linked in.
fn reference_runner(project: &Project, inventory: &Inventory) -> Result<PathBuf> {
    let machine = format!("{}::{}", project.protocol_library()?, project.settings.machine);
    let runner = Runner {
        main: format!("fn main() -> std::process::ExitCode {{\n    sim::main::<{machine}>()\n}}\n"),
        dependencies: BTreeMap::from([("sim".to_owned(), Vec::new())]),
        ..Runner::default()
    };
    match building("building", |watch| build_runner(project, inventory, &runner, watch))? {
        Run::Ready { path, .. } => Ok(path),
        Run::Broken(_) => Err(Failure::internal("a runner without versions has broken ones")),
    }
}

fn words(
    arguments: &Arguments,
    replicas: Option<u16>,
    libraries: &[PathBuf],
    json: bool,
) -> Vec<OsString> {
    let mut words: Vec<OsString> = Vec::new();
    let mut option = |name: &str, value: Option<String>| {
        words.extend(value.into_iter().flat_map(|value| [name.into(), value.into()]));
    };
    let threads =
        arguments.threads.or_else(|| std::thread::available_parallelism().ok().map(Into::into));
    option("--replicas", replicas.map(|n| n.to_string()));
    option("--recovering", arguments.recovering.map(|k| k.to_string()));
    option("--seeds", arguments.seeds.clone());
    option("--faults", arguments.faults.clone());
    option("--adversary", arguments.adversary.clone());
    option("--scenario", arguments.scenario.clone());
    option("--without", arguments.without.clone());
    option("--clients", arguments.clients.map(|count| count.to_string()));
    option("--updates", arguments.updates.map(|count| count.to_string()));
    option("--milliseconds", arguments.milliseconds.map(|count| count.to_string()));
    option("--rate", arguments.rate.map(|count| count.to_string()));
    option("--aggregate", arguments.aggregate.map(|count| count.to_string()));
    option("--cryptography", arguments.cryptography.clone());
    option("--minimise", arguments.minimise.map(|seed| seed.to_string()));
    option("--threads", threads.map(|count| count.to_string()));
    option("--tolerate-deaths", arguments.tolerate_deaths.map(|count| count.to_string()));
    let mut called = "patchy sim".to_owned();
    if let Some(plan) = &arguments.plan {
        called += &format!(" --plan {}", plan.display());
    }
    option("--called", Some(called));
    for library in libraries {
        words.extend(["--library".into(), library.into()]);
    }
    if json {
        words.push("--json".into());
    }
    words
}
