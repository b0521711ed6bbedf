//! Whose a new version is, and how it gets into its family.

use crate::context::Context;
use crate::exit::{Failure, Result};
use crate::ledger::today;
use crate::verdicts::Store;
use patcher::{
    Inventory, Kept, Lineage, Project, Specification, VersionFile, check_family, keep_version,
};
use slot_syntax::SlotPath;
use std::process::{Command, Stdio};
use verdict::Verdict;

/// Who writes from what.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Author {
    /// The family that the version is for; made if there is none
    #[arg(long, value_name = "F")]
    pub(crate) family: String,
    /// What the author was told of the task: contract, paper or invariants [default: as the rest of
    /// the family, else contract]
    #[arg(long, value_name = "SOURCE")]
    pub(crate) from: Option<Specification>,
    /// What was asked beyond the task: data structure, algorithm, control flow [default: the
    /// family's]
    #[arg(long, value_name = "TEXT")]
    pub(crate) mandate: Option<String>,
    /// Who answers for a new family [default: the family's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    /// Put it in the place of the family's version that there is
    #[arg(long)]
    pub(crate) replace: bool,
}

impl Author {
    /// The family's lineage, or one for a family that is to be made.
    pub(crate) fn lineage(
        &self,
        project: &Project,
        inventory: &Inventory,
        written_by: &str,
    ) -> Result<Lineage> {
        check_family(project, &self.family)
            .map_err(|reason| Failure::usage(format!("--family {}: {reason}", self.family)))?;
        if let Some(family) = inventory.families.get(&self.family) {
            return Ok(family.lineage.clone());
        }
        Ok(Lineage {
            name: self.family.clone(),
            author: self.author.clone().unwrap_or_else(|| self.family.clone()),
            written_by: written_by.to_owned(),
            specification: self.from.unwrap_or(Specification::Contract),
            mandate: self.mandate.clone().unwrap_or_else(|| "none".to_owned()),
            seen: vec!["what `patchy prompt` prints for a slot".to_owned()],
            date: today(),
            votable: true,
            planted: false,
            components: Vec::new(),
        })
    }

    /// What the author is told, and what is asked beyond it.
    pub(crate) fn task(&self, lineage: &Lineage, slot: &SlotPath) -> (Specification, String) {
        let own = lineage.of(&slot.component);
        let mandate = self.mandate.clone().unwrap_or(own.mandate);
        (self.from.unwrap_or(own.specification), mandate)
    }

    /// Refuses to write over a version unasked, before anything is done.
    pub(crate) fn check_free(&self, inventory: &Inventory, slot: &SlotPath) -> Result<()> {
        let family = inventory.families.get(&self.family);
        match family.and_then(|family| family.versions.get(slot)) {
            Some(version) if !self.replace => Err(Failure::usage(format!(
                "{}: the family {} has a version of {} already: name another family, or put the new \
                 one in its place with --replace",
                version.file.display(),
                self.family,
                slot
            ))),
            _ => Ok(()),
        }
    }
}

/// Puts a version that came through the gate into its family, with its verdict.
pub(crate) fn keep(
    context: &Context,
    project: &Project,
    inventory: &Inventory,
    lineage: &Lineage,
    version: &VersionFile,
    verdict: &Verdict,
) -> Result<Kept> {
    let kept = keep_version(project, inventory, lineage, &version.slot, &version.text)?;
    if kept.new_family {
        enter(context, project, &kept, &lineage.name);
    }
    // A new member changes the lock file, on which verdicts rest: this one is still good.
    let project = Project::open(&project.root)?;
    let inventory = Inventory::read(&project)?;
    Store::new(&project, &inventory)?.keep(version, verdict.clone())?;
    Ok(kept)
}

/// Has the workspace know a new family's crate.
fn enter(context: &Context, project: &Project, kept: &Kept, family: &str) {
    let folder = project.settings.variants.join(family);
    if !kept.is_member {
        context.note(&format!(
            "the family {family} is new: add \"{}\" to the workspace's members in Cargo.toml, so that \
             `cargo check` sees it",
            folder.display()
        ));
        return;
    }
    // Else the next run of cargo does it, and verdicts are asked for anew then.
    let _ = Command::new("cargo")
        .args(["update", "--workspace", "--offline", "--quiet"])
        .current_dir(&project.root)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}
