//! Mutation adequacy of the bench: does it notice small faults in what it judges?
//!
//! All mutants are compiled into one runner, in which each is a version with a family of its own;
//! those that do not compile are left out. The bench then judges each mutant beside the reference
//! alone, in a process of its own: mutants must not vote on each other, and one that hangs or
//! allocates without end takes nothing else with it. Before that the unmutated text is judged, in
//! the same way: where it is rejected, a killed mutant would say nothing.

mod adjudications;
mod judge;

pub(crate) use adjudications::{Adjudications, FILE, Name};
pub(crate) use judge::{Effort, Killer, failing};

use crate::confine;
use crate::exit::{ExitCode, Failure, Result};
use crate::judge::bench_for;
use crate::progress::{Progress, building};
use judge::{Verdicts, judge};
use patcher::{
    Inventory, Mutant, Mutated, Project, Runner, VersionFile, build_runner_without_broken,
};
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
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) mutants: Vec<(Mutant, Fate)>,
    /// Texts of which nothing can be said, with the reason.
    pub(crate) skipped: Vec<(String, String)>,
}

/// Judges mutants of the texts that they were made from.
pub(crate) fn run(
    project: &Project,
    inventory: &Inventory,
    texts: &[Mutated],
    mutants: Vec<Mutant>,
    effort: &Effort,
) -> Result<Outcome> {
    // Texts of which no mutant was drawn need no baseline.
    let drawn: BTreeSet<(&str, String)> =
        mutants.iter().map(|mutant| (&*mutant.family, mutant.slot.to_string())).collect();
    let texts = texts.iter().filter(|text| drawn.contains(&(&*text.family, text.slot.to_string())));
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
    let mut skipped = Vec::new();
    let mut whole = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        match broken.get(&baseline(at)) {
            Some(said) => skipped.push((format!("{}/{}", text.family, text.slot), said.clone())),
            None => whole.push((baseline(at), text.slot.to_string())),
        }
    }
    let progress = Progress::new("judging the originals", whole.len() as u64);
    let originals = judge(&runner, &whole, effort, &progress)?;
    drop(progress);
    accepted(&texts, &originals)?;

    let can_tell = |mutant: &Mutant| {
        !skipped.iter().any(|(name, _)| *name == format!("{}/{}", mutant.family, mutant.slot))
    };
    let mutants: Vec<(usize, Mutant)> =
        mutants.into_iter().enumerate().filter(|(_, mutant)| can_tell(mutant)).collect();
    let viable = mutants.iter().filter(|(at, _)| !broken.contains_key(&module(*at)));
    let viable: Vec<(String, String)> =
        viable.map(|(at, mutant)| (module(*at), mutant.slot.to_string())).collect();
    let progress = Progress::new("judging mutants", viable.len() as u64);
    let verdicts = judge(&runner, &viable, effort, &progress)?;
    let fate = |(at, mutant): (usize, Mutant)| {
        let fate = match verdicts.get(&module(at)) {
            None => Fate::Unviable,
            Some(None) => Fate::Survived,
            Some(Some(killer)) => Fate::Killed(*killer),
        };
        (mutant, fate)
    };
    Ok(Outcome { mutants: mutants.into_iter().map(fate).collect(), skipped })
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

/// Refuses to go on where the bench rejects what has no fault.
fn accepted(texts: &[&Mutated], originals: &Verdicts) -> Result<()> {
    for (at, text) in texts.iter().enumerate() {
        if let Some(Some(killer)) = originals.get(&baseline(at)) {
            return Err(Failure::new(
                ExitCode::Divergence,
                format!(
                    "the bench rejects {}/{} as it stands (by {}), so a rejected mutant of it \
                     would say nothing: see `patchy check --slot {}`",
                    text.family,
                    text.slot,
                    killer.name(),
                    text.slot
                ),
            ));
        }
    }
    Ok(())
}
