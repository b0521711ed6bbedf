//! The programs that measure: versions as machine code and by what they execute, and whole clusters.
//!
//! What stands in families' folders is measured, judged or not. It is compiled within limits, and runs
//! within them.

use super::source::files;
use super::{Distance, Distances};
use crate::commands::check::CANDIDATE;
use crate::confine::{self, Limits};
use crate::exit::{Failure, Result};
use crate::judge::bench_for;
use crate::process;
use crate::progress::{Progress, building};
use patcher::{
    Inventory, Plan, Project, Run, Runner, VersionFile, build_runner, build_runner_without_broken,
    reference_as_version,
};
use serde::Deserialize;
use serde_json::{Value, json};
use slot_syntax::{Slot, SlotPath};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use verdict::{is_benched, measuring_source};

/// The crate that measures.
const CRATE: &str = "diversity";

/// Most instructions that are followed of one call of a version, and of one piece of what a replica does.
const MOST_OF_CALL: usize = 30_000;
const MOST_OF_PIECE: usize = 4_000_000;

/// Memory for a measurement. Unit: bytes.
const MEMORY: u64 = 8 << 30;

/// Longest measurement. Unit: seconds.
const LONGEST: u64 = 4 * 3600;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) seed: u64,
    /// Upon how many inputs each version is called.
    pub(crate) inputs: u64,
    /// Updates that a cluster executes.
    pub(crate) updates: u64,
    /// Of so many pieces of what its replicas do one is followed.
    pub(crate) one_in: u64,
}

/// What the first program says.
#[derive(Debug, Deserialize)]
struct Versions {
    slots: Vec<OfSlot>,
    /// Followed in all.
    instructions: u64,
    /// Why nothing was followed.
    refused: Option<String>,
}

#[derive(Debug, Deserialize)]
struct OfSlot {
    slot: String,
    inputs: u64,
    versions: Vec<OfVersion>,
    pairs: Vec<OfPair>,
}

/// One version, measured.
#[derive(Debug, Deserialize)]
struct OfVersion {
    cut: u64,
}

#[derive(Debug, Deserialize)]
struct OfPair {
    left: String,
    right: String,
    machine_code: Option<f64>,
    trace: Option<f64>,
}

/// What versions were called upon, beside the distances that came of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calls {
    pub(crate) inputs: u64,
    pub(crate) calls: u64,
    pub(crate) instructions: u64,
    /// Calls too long to be followed to their end.
    pub(crate) cut: u64,
    /// Why nothing was followed, if this system lets nothing be.
    pub(crate) refused: Option<String>,
}

/// Adds to `distances` what can be said of all families' versions as programs.
pub(crate) fn versions(
    project: &Project,
    inventory: &Inventory,
    effort: Effort,
    distances: &mut Distances,
) -> Result<Calls> {
    let benched = |version: &&VersionFile| is_benched(&version.slot.component, &version.slot.name);
    let fits = inventory.versions().filter(|version| version.fit.is_ok()).filter(benched);
    let versions: Vec<VersionFile> = fits.cloned().chain(copies(project, inventory)?).collect();
    let mut dependencies = bench_for(inventory, std::iter::empty());
    dependencies.insert(CRATE.to_owned(), vec!["versions".to_owned()]);
    let compiler = Some(confine::wrapper(project, None)?);
    let runner = Runner { dependencies, versions, compiler, ..Runner::default() };
    let main = |versions: &[VersionFile]| {
        let name = |version: &VersionFile| {
            let slot = &version.slot;
            (version.family.clone(), slot.component.clone(), slot.name.clone())
        };
        measuring_source(&versions.iter().map(name).collect::<Vec<_>>())
    };
    let (program, _) = building("building the program that compares versions", |watch| {
        build_runner_without_broken(project, inventory, &runner, &main, watch)
    })?;
    let question = json!({
        "sources": sources(project, inventory)?,
        "copy": CANDIDATE,
        "seed": effort.seed,
        "inputs": effort.inputs,
        "most": MOST_OF_CALL,
    });
    let said: Versions = ask(&program, &question, "following versions")?;
    let mut calls =
        Calls { instructions: said.instructions, refused: said.refused, ..Calls::default() };
    for slot in said.slots {
        calls.inputs += slot.inputs;
        calls.calls += slot.inputs * slot.versions.len() as u64;
        calls.cut += slot.versions.iter().map(|version| version.cut).sum::<u64>();
        let Ok(path) = slot.slot.parse::<SlotPath>() else { continue };
        let pairs = distances.0.entry(path).or_default();
        for OfPair { left, right, machine_code, trace } in slot.pairs {
            let known = pairs.entry((left, right)).or_default();
            *known = Distance { machine_code, trace, ..*known };
        }
    }
    Ok(calls)
}

/// The reference's texts as versions, of the slots of which a family has one. Those that use what the
/// protocol's crate keeps to itself do not compile, and are not measured.
fn copies(project: &Project, inventory: &Inventory) -> Result<Vec<VersionFile>> {
    let is_written = |slot: &&Slot| {
        let alone = slot.file == Path::new(&slot.path.file());
        let mut families = inventory.families.values();
        alone
            && is_benched(&slot.path.component, &slot.path.name)
            && families.any(|family| family.versions.contains_key(&slot.path))
    };
    let copy = |slot: &Slot| {
        let text = reference_as_version(project, inventory, slot)?;
        Ok(VersionFile::new(slot, CANDIDATE, Path::new(&slot.path.file()), text))
    };
    inventory.slots.values().filter(is_written).map(copy).collect()
}

/// What replicas executed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Execution {
    /// Updates that every replica executed.
    pub(crate) updates: u64,
    /// Virtual time that it took. Unit: microseconds.
    pub(crate) micros: u64,
    pub(crate) pieces: u64,
    pub(crate) followed: u64,
    /// Pieces too long to be followed to their end.
    pub(crate) cut: u64,
    /// By replica: instructions by owner, a version as `family/component.slot`, else a crate.
    pub(crate) replicas: Vec<BTreeMap<String, u64>>,
}

/// What the second program says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Said {
    Followed(Execution),
    Refused(String),
}

/// Runs the cluster of a plan, in one process; gives a sentence instead where this system does not let a
/// program be followed.
pub(crate) fn execution(
    project: &Project,
    inventory: &Inventory,
    plan: &Plan,
    effort: Effort,
) -> Result<std::result::Result<Execution, String>> {
    let name = |id: u32| format!("replica{id}");
    let machine = &project.settings.machine;
    let machines = plan
        .replicas
        .iter()
        .map(|replica| format!("        {CRATE}::machine::<{}::{machine}>(),\n", name(replica.id)));
    let main = format!(
        "fn main() -> std::process::ExitCode {{\n    {CRATE}::execution(&[\n{}    ])\n}}\n",
        machines.collect::<String>()
    );
    let runner = Runner {
        main,
        dependencies: BTreeMap::from([(CRATE.to_owned(), Vec::new())]),
        machines: plan.replicas.iter().map(|it| (name(it.id), it.clone())).collect(),
        compiler: Some(confine::wrapper(project, None)?),
        ..Runner::default()
    };
    let built = building("building the cluster that is measured", |watch| {
        build_runner(project, inventory, &runner, watch)
    })?;
    let program = match built {
        Run::Ready { path, .. } => path,
        Run::Broken(broken) => {
            let names: Vec<String> =
                broken.iter().map(|it| format!("{}/{}", it.family, it.slot)).collect();
            let sentence = format!("{} does not compile: see `patchy check`", names.join(", "));
            return Err(Failure::new(crate::exit::ExitCode::BuildFailed, sentence));
        }
    };
    let question = json!({
        "sources": sources(project, inventory)?,
        "tolerate": plan.tolerate,
        "recovering": plan.recovering,
        "seed": effort.seed,
        "updates": effort.updates,
        "one_in": effort.one_in,
        "most": MOST_OF_PIECE,
    });
    Ok(match ask(&program, &question, "following a cluster")? {
        Said::Followed(execution) => Ok(execution),
        Said::Refused(sentence) => Err(sentence),
    })
}

fn sources(project: &Project, inventory: &Inventory) -> Result<Value> {
    Ok(json!({ "protocol": project.protocol_library()?, "files": files(inventory) }))
}

fn ask<A: for<'a> Deserialize<'a>>(program: &Path, question: &Value, what: &str) -> Result<A> {
    let progress = Progress::of_minutes(what);
    progress.say("one instruction after the other");
    let limits = Limits { memory: MEMORY, cpu: LONGEST, ..Limits::default() };
    let ended = process::ask(program, question, Some(limits), Duration::from_secs(LONGEST))?;
    drop(progress);
    if ended.code == Some(1) {
        return Err(Failure::usage(ended.stderr.trim()));
    }
    serde_json::from_str(ended.stdout.trim()).map_err(|error| {
        Failure::internal(format!("{}: {}: {error}", program.display(), ended.why()))
            .with_details(ended.stderr.trim())
    })
}
