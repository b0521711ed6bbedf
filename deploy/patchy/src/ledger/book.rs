//! All ledgers of a project together.

use super::{Attempt, Record, folder, read};
use crate::exit::{Failure, Result};
use patcher::{Inventory, Project, VersionFile, sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One slot's ledger in one family.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) record: Record,
    folder: PathBuf,
}

impl Entry {
    /// The first text that came: the author's draft, as long as nothing retired it.
    pub(crate) fn drafts(&self) -> impl Iterator<Item = &Attempt> {
        self.record.attempts.iter().filter(|one| one.file.is_some() && one.retired.is_none())
    }

    /// `family/component.slot`.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.record.family, self.record.slot)
    }

    /// An attempt's text; refused if it is not what was noted.
    pub(crate) fn text(&self, attempt: &Attempt) -> Result<(PathBuf, String)> {
        let file = self.folder.join(attempt.file.as_deref().unwrap_or_default());
        let text = fs::read_to_string(&file).map_err(Failure::file(&file))?;
        if attempt.sha256.as_deref() != Some(&sha256(text.as_bytes())) {
            return Err(Failure::usage(format!(
                "{}: this is not the text that the ledger noted: put it back as it was",
                file.display()
            )));
        }
        Ok((file, text))
    }
}

/// All entries, by family and slot.
///
/// # Errors
///
/// A record that cannot be read, or that speaks of another place than its own.
pub(crate) fn entries(project: &Project, inventory: &Inventory) -> Result<Vec<Entry>> {
    let mut entries: BTreeMap<(String, String), Entry> = BTreeMap::new();
    for family in families(project, inventory)? {
        for folder in folders(&folder(project, &family))? {
            let file = folder.join("record.json");
            if file.is_file() {
                let record = read(&file)?;
                let key = (record.family.clone(), record.slot.clone());
                entries.insert(key, Entry { record, folder });
            }
        }
    }
    Ok(entries.into_values().collect())
}

/// The families that there are, and those that only have a ledger: nothing of theirs was let through.
pub(crate) fn families(project: &Project, inventory: &Inventory) -> Result<Vec<String>> {
    let variants = project.root.join(&project.settings.variants);
    let with_ledger = |folder: &PathBuf| folder.join("ledger").is_dir();
    let named = |folder: PathBuf| Some(folder.file_name()?.to_str()?.to_owned());
    let noted = folders(&variants)?.into_iter().filter(with_ledger).filter_map(named);
    let mut all: Vec<String> = noted.chain(inventory.families.keys().cloned()).collect();
    all.sort();
    all.dedup();
    Ok(all)
}

fn folders(parent: &Path) -> Result<Vec<PathBuf>> {
    if !parent.is_dir() {
        return Ok(Vec::new());
    }
    let mut folders = Vec::new();
    for entry in fs::read_dir(parent).map_err(Failure::file(parent))? {
        let path = entry.map_err(Failure::file(parent))?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

/// Versions of which no draft is recorded.
pub(crate) fn missing<'a>(inventory: &'a Inventory, entries: &[Entry]) -> Vec<&'a VersionFile> {
    let recorded = |version: &&VersionFile| {
        let name = version.name();
        entries.iter().any(|entry| entry.name() == name && entry.drafts().next().is_some())
    };
    let planted = |version: &&VersionFile| {
        inventory.families.get(&version.family).is_some_and(|family| family.lineage.planted)
    };
    inventory.versions().filter(|one| !recorded(one) && !planted(one)).collect()
}
