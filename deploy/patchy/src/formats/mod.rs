//! Verdicts in the forms that other tools read.

mod junit;
mod sarif;

pub(crate) use junit::junit;
pub(crate) use sarif::sarif;

use patcher::{Inventory, Project, REFERENCE, VersionFile};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use verdict::Verdict;

/// Where the versions stand that were judged.
#[derive(Debug)]
pub(crate) struct Places {
    root: PathBuf,
    /// File and line of the entry function, by family and slot.
    known: BTreeMap<(String, String), (PathBuf, usize)>,
}

/// Where one version stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    /// Relative to the project if it is in there.
    pub(crate) file: &'a Path,
    /// Line of the entry function, from 1.
    pub(crate) line: usize,
}

impl Places {
    /// The places of `versions`, and of the reference in every slot.
    pub(crate) fn new(project: &Project, inventory: &Inventory, versions: &[VersionFile]) -> Self {
        let root = project.root.clone();
        let source = project.protocol_source();
        let within = |file: &Path| {
            let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
            absolute.strip_prefix(&root).map_or_else(|_| absolute.clone(), Path::to_owned)
        };
        let slots = inventory.slots.iter().map(|(path, slot)| {
            let place = (within(&source.join(&slot.file)), slot.lines.0);
            ((REFERENCE.to_owned(), path.to_string()), place)
        });
        let versions = versions.iter().map(|version| {
            // A version of the project is named relative to it, a candidate as the user named it.
            let of_family = inventory.families.contains_key(&version.family);
            let file = if of_family { version.file.clone() } else { within(&version.file) };
            let line = version.fit.as_ref().map_or(1, |fit| fit.lines.0);
            ((version.family.clone(), version.slot.to_string()), (file, line))
        });
        let known = slots.chain(versions).collect();
        Self { root, known }
    }

    /// The project's folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the version stands that a verdict is about.
    pub(crate) fn of(&self, verdict: &Verdict) -> Option<Place<'_>> {
        let known = self.known.get(&(verdict.family.clone(), verdict.slot.clone()));
        known.map(|(file, line)| Place { file, line: *line })
    }
}

/// What a verdict that is not `accepted` has to say, for a person: a line for each thing.
pub(crate) fn details(verdict: &Verdict) -> String {
    let part = |name: &str, value: Option<&str>| value.map(|value| format!("{name}: {value}"));
    let missed = verdict.reasons_missed.join(", ");
    let parts = [
        part("rule", verdict.rule.as_deref()),
        part("kept input", verdict.kept.as_deref()),
        part("minimal input", verdict.minimal_input.as_deref()),
        part("expected", verdict.expected.as_deref()),
        part("got", verdict.got.as_deref()),
        part("votes", verdict.split.as_deref()),
        part("reasons never reached", (!missed.is_empty()).then_some(missed.as_str())),
        part("again", verdict.replay.as_ref().map(|replay| replay.command.as_str())),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
}
