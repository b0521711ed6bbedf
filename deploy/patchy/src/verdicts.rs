//! The verdicts of earlier checks, kept below `target/patchy/verdicts`.
//!
//! A verdict is about one text of a version. It rests on the contract and signature of the slot,
//! and on what judges: bench and oracles with all of the project that they are built from, and the
//! inputs that are kept of the slot. When any of it changes, there is no verdict until the next check.
//! A version on which a ruling is open is refused whatever its verdict says.

use crate::exit::{Failure, Result};
use crate::kept::Kept as KeptInputs;
use crate::rulings::entries;
use patcher::{Inventory, Project, Refusal, VersionFile, crates_hash};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use slot_syntax::SlotPath;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use verdict::{By, Decision, Verdict};

/// The crate that judges.
pub(crate) const BENCH: &str = "bench";

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
    /// The slots' contracts and signatures as they are now.
    slots: BTreeMap<SlotPath, String>,
    /// What judges, as it is now.
    bench: String,
    /// What every version is asked, as it is now.
    inputs: KeptInputs,
}

impl Store {
    pub(crate) fn new(project: &Project, inventory: &Inventory) -> Result<Self> {
        let fingerprint = |(path, slot): (&SlotPath, &slot_syntax::Slot)| {
            (path.clone(), slot.fingerprint.clone())
        };
        let components = inventory.components.iter();
        let components =
            components.map(|(path, component)| (path.clone(), component.fingerprint.clone()));
        Ok(Self {
            folder: project.generated().join("verdicts"),
            slots: inventory.slots.iter().map(fingerprint).chain(components).collect(),
            bench: crates_hash(project, &[BENCH])?,
            inputs: KeptInputs::read(project, inventory)?,
        })
    }

    fn file(&self, version: &VersionFile) -> PathBuf {
        let slot = self.slots.get(&version.slot).map_or("", String::as_str);
        // Of a whole component all slots are judged.
        let covered = self.slots.keys().filter(|slot| match version.slot.is_component() {
            true => slot.component == version.slot.component,
            false => **slot == version.slot,
        });
        let inputs: String = covered.map(|slot| self.inputs.hash(&slot.to_string())).collect();
        let key = format!("{} {slot} {} {inputs}", self.bench, version.sha256);
        let key = patcher::sha256(key.as_bytes());
        self.folder.join(format!("{}-{}.json", version.slot, key.get(..24).unwrap_or(&key)))
    }

    /// The last verdict on a version as it stands now. A damaged file is no verdict.
    pub(crate) fn of(&self, version: &VersionFile) -> Option<Kept> {
        let text = fs::read_to_string(self.file(version)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Keeps a verdict, and gives the one that counts: a version that was seen to do wrong stays
    /// rejected, however many other cases pass, until something of what the verdict rests on
    /// changes.
    pub(crate) fn keep(&self, version: &VersionFile, verdict: Verdict) -> Result<Verdict> {
        let before: Option<Verdict> =
            self.of(version).and_then(|kept| serde_json::from_value(kept.details).ok());
        if let Some(before) = before.filter(is_counterexample)
            && verdict.verdict != Decision::Rejected
        {
            // Equal texts have one verdict, whosever they are.
            return Ok(Verdict { family: verdict.family, ..before });
        }
        let word = |value: Value| value.as_str().map(str::to_owned);
        let kept = Kept {
            verdict: word(json!(verdict.verdict)).unwrap_or_default(),
            by: word(json!(verdict.by)),
            details: json!(verdict),
        };
        self.write(version, &kept)?;
        Ok(verdict)
    }

    fn write(&self, version: &VersionFile, kept: &Kept) -> Result<()> {
        let file = self.file(version);
        // Texts and JSON values only: this cannot fail.
        let text = serde_json::to_string(kept).unwrap_or_default();
        fs::create_dir_all(&self.folder).map_err(Failure::file(&self.folder))?;
        let draft = file.with_extension(format!("{}.draft", std::process::id()));
        fs::write(&draft, text).map_err(Failure::file(&draft))?;
        fs::rename(&draft, &file).map_err(Failure::file(&file))
    }

    /// Deletes the verdicts on texts of these slots that nobody can ask for any more; gives how many.
    pub(crate) fn drop_stale(
        &self,
        inventory: &Inventory,
        slots: &BTreeSet<String>,
    ) -> Result<usize> {
        let current: BTreeSet<PathBuf> =
            inventory.versions().map(|version| self.file(version)).collect();
        let mut dropped = 0;
        for file in entries(&self.folder)? {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let of_slot = name.rsplit_once('-').is_some_and(|(slot, _)| slots.contains(slot));
            if of_slot && !current.contains(&file) {
                fs::remove_file(&file).map_err(Failure::file(&file))?;
                dropped += 1;
            }
        }
        Ok(dropped)
    }

    pub(crate) fn accepted(&self, version: &VersionFile) -> bool {
        self.refusal(version).is_none()
    }

    /// Why a version may not be deployed without an override.
    pub(crate) fn refusal(&self, version: &VersionFile) -> Option<Refusal> {
        if let Some(ruling) = self.inputs.rulings.open_on(version) {
            return Some(Refusal::Rejected(format!("the open ruling {}", ruling.name())));
        }
        let Some(kept) = self.of(version) else { return Some(Refusal::Unjudged) };
        match kept.verdict.as_str() {
            "accepted" => None,
            "rejected" => {
                Some(Refusal::Rejected(kept.by.unwrap_or_else(|| "the bench".to_owned())))
            }
            _ => {
                let why = kept.details["rule"].as_str().unwrap_or("the cases do not say enough");
                Some(Refusal::Undecided(why.to_owned()))
            }
        }
    }
}

/// Whether a verdict rests on something that the version was seen to do, and not on how long it
/// took or on what else ran: no further case can take that back.
fn is_counterexample(verdict: &Verdict) -> bool {
    verdict.verdict == Decision::Rejected
        && matches!(verdict.by, Some(By::Oracle | By::Differential))
}
