//! Judging all first drafts again, on one frozen set of inputs.
//!
//! The draft that is judged is the first of its author's texts that keeps the rules and compiles.
//! All drafts of a slot vote on every input, whatever they did before: a failure is one more row, and
//! takes nobody's vote.

use super::book::Entry;
use super::matrix::Matrix;
use crate::exit::{Failure, Result};
use crate::gate;
use crate::judge::{BuildHow, Untrusted, build_bench, every_failure};
use crate::{confine, verdicts::BENCH};
use patcher::{Error, Inventory, Project, VersionFile, crates_hash};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use verdict::{Verdict, is_benched};

/// Over what is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inputs {
    /// A slot.
    pub(crate) cases: u64,
    pub(crate) seed: u64,
}

/// Judges all drafts.
pub(crate) fn rejudge(
    project: &Project,
    inventory: &Inventory,
    entries: &[Entry],
    inputs: Inputs,
    untrusted: Option<&Untrusted>,
) -> Result<Matrix> {
    let compiler = confine::wrapper(project, untrusted.map(|how| how.compile_seconds))?;
    let mut candidates = candidates(inventory, entries)?;
    let (runner, judged) = loop {
        let first =
            |(name, texts): (&String, &Candidate)| Some((name.clone(), texts.fit.first()?.clone()));
        let chosen: BTreeMap<String, VersionFile> = candidates.iter().filter_map(first).collect();
        let versions: Vec<VersionFile> = chosen.values().cloned().collect();
        let (runner, broken) = build(project, inventory, &versions, &compiler)?;
        if broken.is_empty() {
            break (runner, chosen);
        }
        for name in broken {
            let Some(candidate) = candidates.get_mut(&name) else { continue };
            let refused = candidate.fit.remove(0);
            candidate.unfit.push(refused.sha256);
        }
    };
    let slots: BTreeSet<String> = judged.values().map(|version| version.slot.to_string()).collect();
    let slots: Vec<String> = slots.into_iter().collect();
    let bench = crates_hash(project, &[BENCH])?;
    let mut matrix = Matrix::new(inputs.seed, inputs.cases, bench, slots.clone());
    for (name, candidate) in candidates {
        if !candidate.unfit.is_empty() {
            matrix.unfit.insert(name.clone(), candidate.unfit);
        }
        if let Some(why) = candidate.unjudged {
            matrix.unjudged.insert(name, why);
        }
    }
    let linked: Vec<&VersionFile> = judged.values().collect();
    for (slot, verdicts) in verdicts(&runner, &linked, &slots, inputs, untrusted)? {
        let of_slot = judged.iter().filter(|(_, version)| version.slot.to_string() == slot);
        match verdicts {
            Err(why) => {
                matrix.unjudged.extend(of_slot.map(|(name, _)| (name.clone(), why.clone())))
            }
            Ok(verdicts) => {
                let texts = of_slot.map(|(name, version)| (name.clone(), version.sha256.clone()));
                matrix.judged.extend(texts);
                for verdict in verdicts {
                    matrix.note(&verdict.family, &slot, &verdict.failed);
                }
            }
        }
    }
    Ok(matrix)
}

/// An author's texts of one slot.
#[derive(Debug, Default)]
struct Candidate {
    /// Those that keep the rules, the first one first.
    fit: Vec<VersionFile>,
    /// SHA-256 of those before them that do not.
    unfit: Vec<String>,
    unjudged: Option<String>,
}

fn candidates(inventory: &Inventory, entries: &[Entry]) -> Result<BTreeMap<String, Candidate>> {
    let mut candidates = BTreeMap::new();
    for entry in entries {
        let mut candidate = Candidate::default();
        match inventory.slot(&entry.record.slot) {
            Err(Error::Component { .. }) => {
                let why = "drafts of whole components are not judged again yet";
                candidate.unjudged = Some(why.to_owned());
            }
            Err(_) => candidate.unjudged = Some("there is no such slot any more".to_owned()),
            Ok(slot) if !is_benched(&slot.path.component, &slot.path.name) => {
                candidate.unjudged = Some("the bench has no way yet to judge its slot".to_owned());
            }
            Ok(slot) => {
                for attempt in entry.drafts() {
                    let (file, text) = entry.text(attempt)?;
                    let version =
                        gate::read(inventory, &slot.path, &entry.record.family, &file, text)?;
                    match version.fit {
                        Ok(_) => candidate.fit.push(version),
                        Err(_) if candidate.fit.is_empty() => candidate.unfit.push(version.sha256),
                        Err(_) => {}
                    }
                }
                if candidate.fit.is_empty() {
                    candidate.unjudged = Some("no text of it keeps the rules".to_owned());
                }
            }
        }
        candidates.insert(entry.name(), candidate);
    }
    Ok(candidates)
}

/// The runner, and the names of versions that do not compile.
fn build(
    project: &Project,
    inventory: &Inventory,
    versions: &[VersionFile],
    compiler: &Path,
) -> Result<(PathBuf, Vec<String>)> {
    if versions.is_empty() {
        return Err(Failure::usage(
            "no ledger holds a draft that can be judged: `patchy ingest` and `patchy generate` note \
             them",
        ));
    }
    // Drafts are judged as they came, warnings or not.
    let how = BuildHow::through(compiler);
    let (path, _, broken) = build_bench(project, inventory, versions, &[], how)?;
    Ok((path, broken.iter().map(|one| format!("{}/{}", one.family, one.slot)).collect()))
}

/// What was said of each slot's versions, or why nothing was.
type Said = Vec<(String, Result<Vec<Verdict>, String>)>;

/// All slots at once; where that ends badly, one at a time.
fn verdicts(
    runner: &Path,
    versions: &[&VersionFile],
    slots: &[String],
    inputs: Inputs,
    untrusted: Option<&Untrusted>,
) -> Result<Said> {
    let run = |slots: &[String]| every_failure(runner, versions, slots, inputs, untrusted);
    if let Ok(verdicts) = run(slots)? {
        let of = |slot: &String| {
            verdicts.iter().filter(|verdict| verdict.slot == *slot).cloned().collect::<Vec<_>>()
        };
        return Ok(slots.iter().map(|slot| (slot.clone(), Ok(of(slot)))).collect());
    }
    let one = |slot: &String| Ok((slot.clone(), run(std::slice::from_ref(slot))?));
    slots.iter().map(one).collect()
}
