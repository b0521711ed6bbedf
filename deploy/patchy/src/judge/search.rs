//! Searching for inputs that make versions differ.

use super::Effort;
use super::broken::{build, is_about, of_broken};
use super::{keep, refused, run};
use crate::corpus;
use crate::exit::{Failure, Result};
use crate::kept::Kept;
use crate::verdicts::Store;
use patcher::{Inventory, Project, VersionFile};
use std::collections::BTreeSet;
use verdict::{By, Decision, Report, Search, Verdict, is_benched};

/// Searches one slot, keeps the corpus that comes of it, and the verdicts of what was found.
pub(crate) fn search(
    project: &Project,
    inventory: &Inventory,
    slot: &str,
    effort: &Effort,
) -> Result<(Report, Search)> {
    let (component, name) = slot.split_once('.').unwrap_or_default();
    if !is_benched(component, name) {
        return Err(Failure::usage(format!("the bench has no way yet to judge {slot}")));
    }
    let of_slot = inventory.versions().filter(|version| version.slot.to_string() == slot);
    let mut versions: Vec<VersionFile> = of_slot.cloned().collect();
    let mut verdicts: Vec<Verdict> =
        versions.iter().filter_map(|version| refused(version, false)).collect();
    versions.retain(|version| refused(version, false).is_none());
    let alone = [slot.to_owned()];
    let (runner, _, broken) = build(project, inventory, &versions, &alone, None, true)?;
    verdicts.extend(broken.iter().map(of_broken));
    versions.retain(|version| !broken.iter().any(|it| is_about(it, version)));

    let kept = Kept::read(project, inventory)?;
    let met = kept.of(&BTreeSet::from(alone));
    let file = super::file_of(&met)?;
    let Some(mut report) =
        run::search(&runner, slot, file.as_ref().map(|file| file.path()), effort)?
    else {
        return Err(Failure::usage(format!(
            "a version of {slot} ended the search with its process: `patchy check --slot {slot}` says \
             which"
        )));
    };
    kept.all_met(&report.stale)?;
    let mut searched = report.search.take().ok_or_else(|| {
        // One that hangs ends the search before there is anything to keep.
        lost(&report)
    })?;
    searched.corpus.retain(|input| !kept.rulings.iter().any(|one| one.kept().input == *input));
    corpus::replace(project, slot, &searched.corpus)?;
    // What a search does not find decides nothing: its inputs are no fair sample.
    let store = Store::new(project, inventory)?;
    for verdict in &mut report.versions {
        let found = matches!(verdict.by, Some(By::Oracle | By::Differential));
        if found && verdict.verdict == Decision::Rejected {
            *verdict = keep(&store, &versions, verdict.clone())?;
        }
    }
    report.versions.extend(verdicts);
    Ok((report, searched))
}

fn lost(report: &Report) -> Failure {
    let Verdict { family, slot, minimal_input, .. } = &report.decisive;
    let sentence = format!("{family}/{slot} did not come back, which ended the search");
    Failure::new(crate::exit::ExitCode::Divergence, sentence)
        .with_details(minimal_input.clone().unwrap_or_default())
}
