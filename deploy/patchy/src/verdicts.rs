//! The verdicts of earlier checks, kept below `target/patchy/verdicts`.
//!
//! A verdict is about one text of a version under one contract of its slot: when either changes,
//! there is none until the next check.

use crate::exit::{ExitCode, Failure, Result};
use patcher::{Inventory, Plan, Project, VersionFile, choice};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use slot_syntax::SlotPath;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// One verdict as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// `accepted`, `rejected` or `undecided`.
    pub(crate) verdict: String,
    /// What decided it.
    pub(crate) by: Option<String>,
    /// Everything that the bench said.
    pub(crate) details: Value,
}

/// The verdicts of a project.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    /// What the slots' contracts are now.
    fingerprints: BTreeMap<SlotPath, String>,
}

impl Store {
    pub(crate) fn new(project: &Project, inventory: &Inventory) -> Self {
        let fingerprint = |(path, slot): (&SlotPath, &slot_syntax::Slot)| {
            (path.clone(), slot.fingerprint.clone())
        };
        Self {
            folder: project.generated().join("verdicts"),
            fingerprints: inventory.slots.iter().map(fingerprint).collect(),
        }
    }

    fn file(&self, version: &VersionFile) -> PathBuf {
        let fingerprint = self.fingerprints.get(&version.slot).map_or("", String::as_str);
        let key = patcher::sha256(format!("{fingerprint} {}", version.sha256).as_bytes());
        self.folder.join(format!("{}-{}.json", version.slot, key.get(..24).unwrap_or(&key)))
    }

    /// The last verdict on a version as it stands now. A damaged file is no verdict.
    pub(crate) fn of(&self, version: &VersionFile) -> Option<Kept> {
        let text = fs::read_to_string(self.file(version)).ok()?;
        serde_json::from_str(&text).ok()
    }

    pub(crate) fn keep(&self, version: &VersionFile, kept: &Kept) -> Result<()> {
        let file = self.file(version);
        // Texts and JSON values only: this cannot fail.
        let text = serde_json::to_string(kept).unwrap_or_default();
        fs::create_dir_all(&self.folder).map_err(Failure::file(&self.folder))?;
        let draft = file.with_extension(format!("{}.draft", std::process::id()));
        fs::write(&draft, text).map_err(Failure::file(&draft))?;
        fs::rename(&draft, &file).map_err(Failure::file(&file))
    }

    pub(crate) fn accepted(&self, version: &VersionFile) -> bool {
        self.of(version).is_some_and(|kept| kept.verdict == "accepted")
    }
}

/// Refuses a plan with a version that the bench rejected and that no override names.
pub(crate) fn allow(project: &Project, inventory: &Inventory, plan: &Plan) -> Result<()> {
    let store = Store::new(project, inventory);
    for replica in &plan.replicas {
        let chosen = inventory.slots.keys().filter_map(|slot| choice(inventory, replica, slot));
        for version in chosen.filter(|version| !plan.override_rejected.contains(&version.name())) {
            let Some(kept) = store.of(version) else { continue };
            if kept.verdict == "rejected" {
                let place = match plan.origin.file.as_os_str().is_empty() {
                    true => "the plan".to_owned(),
                    false => plan.origin.file.display().to_string(),
                };
                return Err(Failure::new(
                    ExitCode::Divergence,
                    format!(
                        "{place}: the version `{}` of replica {} was rejected (by {}): choose \
                         another, or name it in `override-rejected` to use it all the same",
                        version.name(),
                        replica.id,
                        kept.by.as_deref().unwrap_or("the bench"),
                    ),
                ));
            }
        }
    }
    Ok(())
}
