//! Doing what can be done without a person: judging again, retiring drafts, dropping verdicts.
//!
//! Each step may be done twice, and what is settled is written last: whoever is interrupted starts again.

use super::{Change, Prints, Settled, Waiting, found};
use crate::exit::Result;
use crate::gate;
use crate::judge::{Effort, judge};
use crate::ledger::{self, Record};
use crate::verdicts::Store;
use patcher::{Inventory, Project, VersionFile};
use slot_syntax::{Error, SlotPath};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use verdict::{Decision, Verdict};

/// What was done.
#[derive(Debug, Default)]
pub(crate) struct Settling {
    pub(crate) verdicts: Vec<Verdict>,
    /// Drafts that are judged no more, as `family/component.slot`.
    pub(crate) retired: Vec<String>,
    /// Files of verdicts that nobody can ask for any more.
    pub(crate) dropped: usize,
    pub(crate) waiting: BTreeMap<String, Waiting>,
}

/// Settles what can be.
pub(crate) fn settle(
    project: &Project,
    inventory: &Inventory,
    settled: &Settled,
    changes: &BTreeMap<String, Change>,
    effort: &Effort,
) -> Result<Settling> {
    let mut settling =
        Settling { waiting: settled.still_waiting(inventory), ..Settling::default() };
    let how = |slot: &SlotPath| changes.get(&slot.to_string());
    let changed = |version: &&VersionFile| {
        matches!(how(&version.slot), Some(Change::Contract | Change::Signature))
    };
    let versions: Vec<VersionFile> = inventory.versions().filter(changed).cloned().collect();
    if !versions.is_empty() {
        settling.verdicts = judge(project, inventory, &versions, None, effort)?.report.versions;
    }
    for version in &versions {
        let same = |verdict: &&Verdict| {
            verdict.family == version.family && verdict.slot == version.slot.to_string()
        };
        let name = version.name();
        match settling.verdicts.iter().find(same).and_then(why_not) {
            None => drop(settling.waiting.remove(&name)),
            Some(why) => {
                let waiting = Waiting { sha256: version.sha256.clone(), why };
                settling.waiting.insert(name, waiting);
            }
        }
    }
    let all = inventory.slots.keys().chain(inventory.components.keys());
    for slot in all.filter(|slot| how(slot) == Some(&Change::Signature)) {
        settling.retired.extend(retire(project, inventory, slot)?);
    }
    let store = Store::new(project, inventory)?;
    let old = changes.iter().filter(|(_, change)| **change != Change::New);
    settling.dropped = store.drop_stale(inventory, &old.map(|(slot, _)| slot.clone()).collect())?;
    let mut after = Settled { waiting: settling.waiting.clone(), ..settled.clone() };
    after.slots.retain(|name, _| {
        // What is left of a slot that is gone is said until it is gone too.
        let change =
            changes.get(name).filter(|change| matches!(change, Change::Renamed(_) | Change::Gone));
        change.is_none_or(|change| {
            found(project, inventory, name, change).map_or(true, |left| !left.is_empty())
        })
    });
    after.slots.extend(Prints::of_all(inventory));
    after.write(project)?;
    Ok(settling)
}

/// Why a version waits for its author, if it does.
fn why_not(verdict: &Verdict) -> Option<String> {
    let said = verdict.rule.as_deref().unwrap_or("the bench's rules");
    match verdict.verdict {
        Decision::Accepted => None,
        Decision::Undecided => Some(format!("undecided: {said}")),
        Decision::Rejected => {
            let got = verdict.got.as_deref().and_then(|got| got.lines().next()).unwrap_or_default();
            Some(format!("rejected: {said}: {got}"))
        }
    }
}

/// Retires the drafts of a slot that have another signature than it; gives their versions' names.
fn retire(project: &Project, inventory: &Inventory, slot: &SlotPath) -> Result<BTreeSet<String>> {
    let mut retired = BTreeSet::new();
    for name in ledger::families(project, inventory)? {
        let folder = ledger::folder(project, &name).join(slot.to_string());
        let file = folder.join("record.json");
        if file.is_file()
            && ledger::amend(project, &file, |record| retire_in(inventory, slot, &folder, record))?
        {
            retired.insert(format!("{name}/{slot}"));
        }
    }
    Ok(retired)
}

/// Whether there was something to retire in a record.
fn retire_in(
    inventory: &Inventory,
    slot: &SlotPath,
    folder: &Path,
    record: &mut Record,
) -> Result<bool> {
    let family = record.family.clone();
    let mut changed = false;
    for attempt in record.attempts.iter_mut().filter(|attempt| attempt.retired.is_none()) {
        let Some(text) = attempt.file.as_ref().map(|name| folder.join(name)) else { continue };
        let draft = crate::commands::check::text(&text)?;
        let version = gate::read(inventory, slot, &family, &text, draft)?;
        let other =
            |error: &Error| matches!(error, Error::Signature { .. } | Error::NoEntry { .. });
        if version.fit.is_err_and(|errors| errors.0.iter().any(other)) {
            let now = inventory.slots.get(slot).map(|slot| format!(": {}", slot.signature));
            let now = now.unwrap_or_default();
            attempt.retired = Some(format!("its slot has another signature since{now}"));
            changed = true;
        }
    }
    Ok(changed)
}
