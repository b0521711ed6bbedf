//! On which inputs versions with a small fault fail: planted faults, beside those that authors made.
//!
//! `equivalence/failures/mutants.csv` has a header `version,input` and one failure a row;
//! `mutants.json` beside it says what the versions are: so many mutants of every version, drawn by
//! the seed, each judged beside the reference alone on the same inputs of its slot.

use super::{Inputs, write};
use crate::commands::check::text;
use crate::exit::{Failure, Result};
use crate::mutation::{Effort, build, failing};
use crate::progress::Progress;
use patcher::{Inventory, Mutant, Mutator, Project, REFERENCE, VersionFile, sample};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use verdict::is_benched;

/// Of the files.
const FORMAT: u32 = 1;

/// How long one mutant is looked at. Unit: seconds.
const SECONDS: u64 = 60;

/// What the rows are about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mutants {
    pub(crate) format: u32,
    pub(crate) date: String,
    /// Decides the inputs and the sample.
    pub(crate) seed: u64,
    /// Inputs of each mutant, from 0 in its slot.
    pub(crate) cases: u64,
    /// By number.
    pub(crate) mutants: Vec<One>,
    /// Mutants that do not compile, or took their process down: of these nothing is known.
    pub(crate) left_out: usize,
}

/// One mutant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct One {
    /// Whose version was mutated.
    pub(crate) family: String,
    pub(crate) slot: String,
    pub(crate) mutation: String,
    /// The inputs that it failed on. They are rows of the table.
    #[serde(skip)]
    pub(crate) failed: BTreeSet<u64>,
}

impl Mutants {
    /// What the mutants of a family's version of a slot failed on.
    pub(crate) fn of(&self, family: &str, slot: &str) -> Vec<BTreeSet<u64>> {
        let same = |one: &&One| one.family == family && one.slot == slot;
        self.mutants.iter().filter(same).map(|one| one.failed.clone()).collect()
    }

    fn files(project: &Project) -> (PathBuf, PathBuf) {
        let folder = project.root.join("equivalence/failures");
        (folder.join("mutants.json"), folder.join("mutants.csv"))
    }

    /// What was judged last, if anything was.
    pub(crate) fn read(project: &Project) -> Result<Option<Self>> {
        let (about, table) = Self::files(project);
        if !about.is_file() {
            return Ok(None);
        }
        let bad = |file: &PathBuf, line: usize, what: &str| {
            let again = "judge again with `patchy ledger rejudge --mutants N`";
            Failure::usage(format!("{}:{line}: {what}: {again}", file.display()))
        };
        let mut mutants: Self = serde_json::from_str(&text(&about)?)
            .map_err(|error| bad(&about, error.line(), &error.to_string()))?;
        for (line, number) in text(&table)?.lines().zip(1_usize..).skip(1) {
            let row = line.split_once(',').and_then(|(version, input)| {
                Some((version.parse::<usize>().ok()?, input.parse::<u64>().ok()?))
            });
            let row = row.filter(|(_, input)| *input < mutants.cases);
            let one = row.and_then(|(version, input)| {
                mutants.mutants.get_mut(version).map(|one| (one, input))
            });
            let (one, input) =
                one.ok_or_else(|| bad(&table, number, "this is no version and input"))?;
            one.failed.insert(input);
        }
        Ok(Some(mutants))
    }

    /// Writes both files.
    pub(crate) fn write(&self, project: &Project) -> Result<()> {
        let (about, table) = Self::files(project);
        let mut rows = String::from("version,input\n");
        for (version, one) in self.mutants.iter().enumerate() {
            for input in &one.failed {
                // Numbers go into a text: this cannot fail.
                let _ = writeln!(rows, "{version},{input}");
            }
        }
        write(&table, &rows)?;
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Failure::internal(format!("the table of mutants: {error}")))?;
        write(&about, &(text + "\n"))
    }
}

/// Draws mutants of every version of these slots, the reference's too, and judges them.
pub(crate) fn judge_mutants(
    project: &Project,
    inventory: &Inventory,
    slots: &[String],
    each: usize,
    inputs: Inputs,
) -> Result<Mutants> {
    let drawn = draw(project, inventory, slots, each, inputs.seed)?;
    let mut versions = Vec::new();
    for (at, mutant) in drawn.iter().enumerate() {
        let slot = inventory.slot(&mutant.slot.to_string())?;
        versions.push(VersionFile::new(slot, &module(at), &mutant.file, mutant.text.clone()));
    }
    let (runner, broken) = build(project, inventory, versions)?;
    let viable: Vec<(String, String)> = drawn
        .iter()
        .enumerate()
        .map(|(at, mutant)| (module(at), mutant.slot.to_string()))
        .filter(|(module, _)| !broken.contains_key(module))
        .collect();
    let progress = Progress::new("judging mutants", viable.len() as u64);
    let effort = Effort { cases: inputs.cases, seconds: SECONDS, seed: inputs.seed };
    let failed = failing(&runner, &viable, &effort, &progress)?;
    let all = drawn.len();
    let mutants: Vec<One> = drawn
        .into_iter()
        .enumerate()
        .filter_map(|(at, mutant)| {
            let failed = failed.get(&module(at))?.clone()?;
            let Mutant { family, mutation, slot, .. } = mutant;
            Some(One { family, slot: slot.to_string(), mutation, failed })
        })
        .collect();
    let left_out = all - mutants.len();
    let (date, Inputs { seed, cases }) = (super::today(), inputs);
    Ok(Mutants { format: FORMAT, date, seed, cases, mutants, left_out })
}

fn module(at: usize) -> String {
    format!("m{at}")
}

fn draw(
    project: &Project,
    inventory: &Inventory,
    slots: &[String],
    each: usize,
    seed: u64,
) -> Result<Vec<Mutant>> {
    let mutator = Mutator::new(project, inventory)?;
    let mut drawn = Vec::new();
    for name in slots {
        let slot = inventory.slot(name)?;
        if !is_benched(&slot.path.component, &slot.path.name) {
            continue;
        }
        let versions = inventory.versions().filter(|version| version.slot == slot.path);
        for version in versions.filter(|version| version.fit.is_ok()) {
            drawn.extend(sample(mutator.version(version)?.mutants, each, seed));
        }
        let reference = mutator.reference(slot)?;
        debug_assert_eq!(reference.family, REFERENCE);
        drawn.extend(sample(reference.mutants, each, seed));
    }
    Ok(drawn)
}
