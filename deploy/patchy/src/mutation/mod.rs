//! Mutation adequacy of the bench: does it notice small faults in what it judges?
//!
//! Mutants are compiled into one runner, some hundreds at a time, in which each is a version with a
//! family of its own; those that do not compile are left out. The bench then judges each mutant
//! beside the reference alone: mutants must not vote on each other, and one that hangs or allocates
//! without end takes nothing else with it. Before that the unmutated text is judged, in the same
//! way: where it is rejected, a killed mutant would say nothing.

mod adjudications;
mod judge;
mod summary;

pub(crate) use adjudications::{Adjudications, FILE, Name};
pub(crate) use judge::{Effort, Killer, failing};
pub(crate) use summary::{Summary, name};

use crate::confine;
use crate::exit::{ExitCode, Failure, Result};
use crate::judge::bench_for;
use crate::progress::{Progress, building};
use crate::report::note;
use judge::judge;
use patcher::{
    Inventory, Mutant, Mutated, Project, Runner, VersionFile, build_runner_without_broken,
};
use slot_syntax::SlotPath;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use verdict::choosing_runner_source;

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The compiler refused it.
    Unviable,
    /// The bench noticed.
    Killed(Killer),
    /// The bench did not.
    Survived,
}

/// What became of all of them.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) mutants: Vec<(Mutant, Fate)>,
    /// Texts of which nothing can be said, with the reason.
    pub(crate) skipped: BTreeMap<String, String>,
    /// What the bench says against texts without a fault.
    pub(crate) rejected: BTreeSet<String>,
}

/// Mutants in one runner at most: what compiles them takes memory.
const TOGETHER: usize = 600;

/// Judges mutants of the texts that they were made from.
pub(crate) fn run(
    project: &Project,
    inventory: &Inventory,
    texts: &[Mutated],
    mutants: &[Mutant],
    effort: &Effort,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for part in mutants.chunks(TOGETHER) {
        if mutants.len() > TOGETHER {
            let done = outcome.mutants.len();
            let lived = outcome.mutants.iter().filter(|(_, fate)| *fate == Fate::Survived).count();
            note(&format!("{done} of {} mutants judged, {lived} survived", mutants.len()));
        }
        run_part(project, inventory, texts, part, effort, &mut outcome)?;
    }
    match outcome.rejected.first() {
        Some(first) if outcome.mutants.is_empty() => {
            Err(Failure::new(ExitCode::Divergence, first.clone()))
        }
        _ => Ok(outcome),
    }
}

fn run_part(
    project: &Project,
    inventory: &Inventory,
    texts: &[Mutated],
    mutants: &[Mutant],
    effort: &Effort,
    outcome: &mut Outcome,
) -> Result<()> {
    // Texts of which no mutant was drawn need no baseline.
    let drawn: BTreeSet<(&str, &SlotPath)> =
        mutants.iter().map(|mutant| (&*mutant.family, &mutant.slot)).collect();
    let texts = texts.iter().filter(|text| drawn.contains(&(&*text.family, &text.slot)));
    let texts: Vec<&Mutated> = texts.collect();
    let mut versions = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let slot = inventory.slot(&text.slot.to_string())?;
        versions.push(VersionFile::new(slot, &baseline(at), &slot.file, text.baseline.clone()));
    }
    for (at, mutant) in mutants.iter().enumerate() {
        let slot = inventory.slot(&mutant.slot.to_string())?;
        versions.push(VersionFile::new(slot, &module(at), &mutant.file, mutant.text.clone()));
    }
    let (runner, broken) = build(project, inventory, versions)?;
    let mut silent = BTreeSet::new();
    let mut whole = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        match broken.get(&baseline(at)) {
            Some(said) => {
                outcome.skipped.insert(format!("{}/{}", text.family, text.slot), said.clone());
                silent.insert((&*text.family, &text.slot));
            }
            None => whole.push((baseline(at), text.slot.to_string())),
        }
    }
    let progress = Progress::of_minutes("judging the originals");
    let originals = judge(&runner, &whole, effort, &progress)?;
    drop(progress);
    for (at, text) in texts.iter().enumerate() {
        if let Some(Some(killer)) = originals.get(&baseline(at)) {
            outcome.rejected.insert(rejected(text, *killer));
            silent.insert((&*text.family, &text.slot));
        }
    }

    let told = |mutant: &Mutant| !silent.contains(&(&*mutant.family, &mutant.slot));
    let mutants = mutants.iter().enumerate().filter(|(_, mutant)| told(mutant));
    let mutants: Vec<(usize, &Mutant)> = mutants.collect();
    let viable = mutants.iter().filter(|(at, _)| !broken.contains_key(&module(*at)));
    let viable: Vec<(String, String)> =
        viable.map(|(at, mutant)| (module(*at), mutant.slot.to_string())).collect();
    let progress = Progress::of_minutes("judging mutants");
    let verdicts = judge(&runner, &viable, effort, &progress)?;
    outcome.mutants.extend(mutants.into_iter().map(|(at, mutant)| {
        let fate = match verdicts.get(&module(at)) {
            None => Fate::Unviable,
            Some(None) => Fate::Survived,
            Some(Some(killer)) => Fate::Killed(*killer),
        };
        (mutant.clone(), fate)
    }));
    Ok(())
}

/// The family under which a mutant is linked.
fn module(at: usize) -> String {
    format!("m{at}")
}

/// The family under which an unmutated text is linked.
fn baseline(at: usize) -> String {
    format!("original{at}")
}

/// The runner, and what the compiler said first about each version that it refused.
pub(crate) fn build(
    project: &Project,
    inventory: &Inventory,
    versions: Vec<VersionFile>,
) -> Result<(PathBuf, BTreeMap<String, String>)> {
    let slots = versions.iter().map(|version| version.slot.to_string());
    let runner = Runner {
        dependencies: bench_for(inventory, slots),
        versions,
        compiler: Some(confine::wrapper(project, None)?),
        ..Runner::default()
    };
    let main = |versions: &[VersionFile]| {
        let name = |version: &VersionFile| {
            let slot = &version.slot;
            (version.family.clone(), slot.component.clone(), slot.name.clone())
        };
        choosing_runner_source(&versions.iter().map(name).collect::<Vec<_>>())
    };
    let (path, broken) = building("building the mutants", |watch| {
        build_runner_without_broken(project, inventory, &runner, &main, watch)
    })?;
    let said = |broken: &patcher::Broken| {
        broken.diagnostics.first().map_or_else(String::new, |said| said.message.clone())
    };
    Ok((path, broken.into_iter().map(|one| (one.family.clone(), said(&one))).collect()))
}

/// Why nothing is said of the mutants of a text that the bench rejects.
fn rejected(text: &Mutated, killer: Killer) -> String {
    format!(
        "the bench rejects {}/{} as it stands (by {}), so a rejected mutant of it would say nothing: \
         see `patchy check --slot {}`",
        text.family,
        text.slot,
        killer.name(),
        text.slot
    )
}
