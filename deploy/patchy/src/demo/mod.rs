//! `patchy demo`: the main job on an embedded default, and what a mixture survives.
//!
//! A mixed cluster is planned, judged, built and put to work. Then a fault is planted in one
//! version: a panic on one well-formed update. Four equal replicas of the planted composition die
//! of that update; in the mixture one replica dies and the others go on. Who is to blame is found
//! out from what the dead process left behind, not from knowing where the fault is: see [`blame`].

mod bisect;
mod blame;
mod build;
mod faulty;
mod outcome;
mod planting;
mod probe;
mod stage;
mod working;

use crate::admission::{OnTheSpot, refused};
use crate::commands::plan::describe;
use crate::context::Context;
use crate::exit::Result;
use crate::judge::{Effort, judge};
use crate::report::Report;
use outcome::Outcome;
use patcher::{Inventory, Project, Request, VersionFile, check_plan, make_plan};
use stage::Stage;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Shows it all, on this machine and without any other service: plans, judges and builds a mixed
/// cluster of four replicas, runs it on loopback under load, and then plants a bug, first under
/// four equal replicas, then under one of the mixture.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy demo
         patchy demo --json --plant-slot pre_order.on_update --plant-replica 2

Exits with 0 if the mixture survived what killed the equal replicas and the planted version was
found out, with 3 if the mixture did not survive, and with 70 if the equal replicas did or if
another than the planted version was blamed.")]
pub(crate) struct Arguments {
    /// The slot in which the bug is planted
    #[arg(long, value_name = "SLOT", default_value = "pre_order.on_po_request")]
    plant_slot: String,
    /// The replica of the mixture that gets the planted version
    #[arg(long, value_name = "REPLICA", default_value_t = 3)]
    plant_replica: u32,
    /// How long the load takes, in seconds
    #[arg(long, value_name = "T", default_value_t = 5, value_parser = crate::commands::bench::seconds(1))]
    seconds: u64,
    /// Updates outstanding
    #[arg(long, value_name = "C", default_value_t = 64)]
    clients: usize,
    /// Bytes of an update
    #[arg(long, value_name = "B", default_value_t = 512)]
    payload: usize,
    #[command(flatten)]
    spot: OnTheSpot,
    /// The seed of the plan
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

/// The replicas of the embedded default.
const REPLICAS: u32 = 4;

/// What every part of the demonstration needs.
struct Demo<'a> {
    context: &'a Context,
    arguments: &'a Arguments,
    project: Project,
    stage: Stage,
    start: Instant,
    /// When each part began, in seconds from the start.
    parts: RefCell<Vec<(String, f64)>>,
}

impl Demo<'_> {
    fn say(&self, line: impl AsRef<str>) {
        self.context.say(line.as_ref());
    }

    /// Begins a part.
    fn part(&self, name: &str, line: &str) {
        self.parts.borrow_mut().push((name.to_owned(), self.start.elapsed().as_secs_f64()));
        self.context.say(&format!("\n== {name}: {line}"));
    }

    /// How long each part took.
    fn seconds(&self) -> BTreeMap<String, f64> {
        let parts = self.parts.borrow();
        let ends = parts.iter().skip(1).map(|(_, began)| *began);
        let ends = ends.chain([self.start.elapsed().as_secs_f64()]);
        parts.iter().zip(ends).map(|((name, began), end)| (name.clone(), end - began)).collect()
    }

    fn load(&self) -> Duration {
        Duration::from_secs(self.arguments.seconds)
    }
}

pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<Report> {
    let start = Instant::now();
    let (project, mut inventory) = context.inventory()?;
    let request = Request { replicas: REPLICAS, seed: arguments.seed, ..Request::default() };
    // What no verdict can mend and what cannot be planted is refused before anything is judged or
    // anything of an earlier demonstration is cleared.
    planting::text(&project, &inventory, &make_plan(&inventory, &request)?, arguments)?;
    let stage = Stage::open(&project)?;
    let demo = Demo { context, arguments, project, stage, start, parts: RefCell::default() };

    demo.part("check", "every version beside the reference and the oracles");
    let judged = check(&demo, &inventory)?;
    inventory.refused = refused(&demo.project, &inventory)?;

    demo.part("plan", "four replicas, no version and no family in more than one");
    let plan = make_plan(&inventory, &request)?;
    demo.say(describe(&plan, &check_plan(&inventory, &plan)?));
    let text = planting::text(&demo.project, &inventory, &plan, arguments)?;
    let planted = planting::plant(&demo, &inventory, &plan, text)?;

    demo.part("build", "one reproducible program a replica");
    let built = build::build(&demo, &plan, &planted)?;

    demo.part("run", "four processes on loopback");
    let working = working::run(&demo, &plan, &built)?;

    demo.part("planted bug", "a version that panics on one well-formed update");
    let verdict = planting::judge(&demo, &planted)?;
    planting::show_override(&demo, &planted);

    demo.part("equal", "the bug under four equal replicas");
    let equal = faulty::equal(&demo, &built)?;

    demo.part("mixed", "the bug under one replica of the mixture");
    let mixed = faulty::mixed(&demo, &planted, &built)?;

    demo.part("blame", "from the dead process's last words and a replay of its inputs");
    let blame = blame::blame(&demo, &planted.inventory, &mixed.dir, &mixed.exit)?;

    let seconds = start.elapsed().as_secs_f64();
    let parts = demo.seconds();
    let outcome =
        Outcome { judged, built, working, planted, verdict, equal, mixed, blame, seconds, parts };
    Ok(outcome.report())
}

/// The verdicts on all versions from which a plan may choose.
fn check(demo: &Demo<'_>, inventory: &Inventory) -> Result<crate::judge::Judged> {
    let usable = inventory.versions().filter(|version| inventory.is_usable(version));
    let versions: Vec<VersionFile> = usable.cloned().collect();
    let seconds = Some(demo.arguments.spot.check_seconds);
    let effort = Effort { seconds, ..Effort::default() };
    let judged = judge(&demo.project, inventory, &versions, None, &effort)?;
    demo.say(outcome::verdicts_by_family(&judged.report));
    Ok(judged)
}
