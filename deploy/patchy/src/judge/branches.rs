//! Which branches of versions the bench's inputs take.
//!
//! Every text gets a mark in each branch and is judged as always, but that nothing it does takes its vote: marks
//! take time. The reference's own text is one of the versions, as its family.

use super::{Effort, bench_for, run};
use crate::confine;
use crate::exit::{Failure, Result};
use crate::progress::building;
use patcher::{
    Branch, Inventory, Marked, Project, REFERENCE, Runner, VersionFile,
    build_runner_without_broken, mark_branches, reference_as_version,
};
use std::collections::BTreeSet;
use std::path::PathBuf;
use verdict::{NOT_TAKEN, is_benched, marked_source};

/// Under which name the reference's text is linked.
const TEXT: &str = "text_of_reference";

/// The branches of one version.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) family: String,
    /// `component.slot`.
    pub(crate) slot: String,
    pub(crate) file: PathBuf,
    pub(crate) branches: usize,
    pub(crate) missed: Vec<Branch>,
}

/// A version with its marks.
struct Text {
    version: VersionFile,
    /// Of the first branch.
    first: usize,
    branches: Vec<Branch>,
}

/// Marks `versions` and the reference's texts of their slots, and says which of their branches are taken; and which
/// of them do not compile with marks, or outside their crate, of which nothing is said.
pub(crate) fn branches_taken(
    project: &Project,
    inventory: &Inventory,
    versions: &[VersionFile],
    effort: &Effort,
) -> Result<(Vec<Taken>, Vec<String>)> {
    let mut texts = Vec::new();
    let mut branches = 0;
    for version in with_reference(project, inventory, versions)? {
        let marked = mark_branches(&version.file, &version.text, branches)?;
        let first = branches;
        branches += marked.branches.len();
        let Marked { text, branches } = marked;
        let slot = inventory.slot(&version.slot.to_string())?;
        let version = VersionFile::new(slot, &version.family, &version.file, text);
        texts.push(Text { version, first, branches });
    }
    let all: Vec<VersionFile> = texts.iter().map(|text| text.version.clone()).collect();
    let (runner, broken) = build(project, inventory, &all, branches)?;
    let linked = |version: &VersionFile| !broken.contains(&version.name());
    let judged: Vec<VersionFile> = all.iter().filter(|version| linked(version)).cloned().collect();
    let missed = missed(&run::marked(&runner, &judged, effort)?)?;
    let of_text = |text: &Text| Taken {
        family: named(&text.version.family),
        slot: text.version.slot.to_string(),
        file: text.version.file.clone(),
        branches: text.branches.len(),
        missed: (text.first..)
            .zip(&text.branches)
            .filter(|(number, _)| missed.contains(number))
            .map(|(_, branch)| branch.clone())
            .collect(),
    };
    let taken = texts.iter().filter(|text| linked(&text.version)).map(of_text).collect();
    Ok((taken, broken.iter().map(|name| named(name)).collect()))
}

/// The name of a version, with the reference's family as it is known.
fn named(name: &str) -> String {
    name.replacen(TEXT, REFERENCE, 1)
}

/// The versions of functions that the bench can judge, and the reference's texts of their slots.
fn with_reference(
    project: &Project,
    inventory: &Inventory,
    versions: &[VersionFile],
) -> Result<Vec<VersionFile>> {
    let benched = |version: &&VersionFile| {
        let slot = &version.slot;
        !slot.is_component() && version.fit.is_ok() && is_benched(&slot.component, &slot.name)
    };
    let mut all: Vec<VersionFile> = versions.iter().filter(benched).cloned().collect();
    let slots: BTreeSet<String> = all.iter().map(|version| version.slot.to_string()).collect();
    for name in slots {
        let slot = inventory.slot(&name)?;
        let text = reference_as_version(project, inventory, slot)?;
        let file = project.settings.protocol.join("src").join(&slot.file);
        all.push(VersionFile::new(slot, TEXT, &file, text));
    }
    Ok(all)
}

/// The runner, and the names of versions that are not in it.
fn build(
    project: &Project,
    inventory: &Inventory,
    versions: &[VersionFile],
    branches: usize,
) -> Result<(PathBuf, BTreeSet<String>)> {
    let slots = versions.iter().map(|version| version.slot.to_string());
    let runner = Runner {
        dependencies: bench_for(inventory, slots),
        versions: versions.to_vec(),
        compiler: Some(confine::wrapper(project, None)?),
        ..Runner::default()
    };
    let main = |versions: &[VersionFile]| {
        let name = |version: &VersionFile| {
            let slot = &version.slot;
            (version.family.clone(), slot.component.clone(), slot.name.clone())
        };
        marked_source(&versions.iter().map(name).collect::<Vec<_>>(), branches)
    };
    let (path, broken) = building("building the bench", |watch| {
        build_runner_without_broken(project, inventory, &runner, &main, watch)
    })?;
    Ok((path, broken.iter().map(|one| format!("{}/{}", one.family, one.slot)).collect()))
}

/// The numbers that a runner says behind [`NOT_TAKEN`].
fn missed(said: &str) -> Result<BTreeSet<usize>> {
    let line = said.lines().find_map(|line| line.strip_prefix(NOT_TAKEN));
    let numbers = line.map(|line| line.split_whitespace().map(str::parse).collect());
    match numbers {
        Some(Ok(numbers)) => Ok(numbers),
        _ => Err(Failure::internal("the bench does not say which branches were taken")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_taken_is_read_or_asked_for() {
        assert_eq!(missed("so\nnot taken: 3 17\n").unwrap(), BTreeSet::from([3, 17]));
        assert!(missed("not taken: \n").unwrap().is_empty());
        assert!(missed("taken: 3").is_err() && missed("not taken: x").is_err());
    }
}
