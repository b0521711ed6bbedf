//! `patchy check --branches`.

use crate::context::Context;
use crate::exit::{Failure, Result};
use crate::judge::{Effort, Taken, branches_taken};
use crate::report::{Report, table};
use patcher::{Inventory, Project, VersionFile};
use serde_json::json;
use std::collections::BTreeMap;

/// Says how many branches of each family's versions, and of the reference's texts of the same slots, the
/// inputs take, and which they do not.
pub(crate) fn run(
    (project, inventory): (&Project, &Inventory),
    versions: &[VersionFile],
    effort: &Effort,
    context: &Context,
) -> Result<Report> {
    let (mut taken, skipped) = branches_taken(project, inventory, versions, effort)?;
    taken.sort_by(|one, other| (&one.slot, &one.family).cmp(&(&other.slot, &other.family)));
    if taken.is_empty() {
        return Err(Failure::usage("there is no version whose branches could be counted"));
    }
    let mut families: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for one in &taken {
        let row = families.entry(&one.family).or_default();
        row.0 += one.branches;
        row.1 += one.branches - one.missed.len();
    }
    let mut rows = table(["family", "branches", "taken", "percent"]);
    for (family, (all, taken)) in &families {
        let percent = format!("{:.2} %", percent(*taken, *all));
        rows.add_row([(*family).to_owned(), all.to_string(), taken.to_string(), percent]);
    }
    let mut lines = vec![rows.to_string()];
    for name in &skipped {
        lines.push(format!("skipped {name}, which does not compile with marks"));
    }
    for one in &taken {
        let file = project.root.join(&one.file);
        let file = project.shown(&file);
        lines.extend(one.missed.iter().map(|branch| {
            format!("not taken: {}:{}: {}", file.display(), branch.line, branch.what)
        }));
    }
    context.note(&format!("{} versions", taken.len()));
    let versions: Vec<_> = taken.iter().map(entry).collect();
    let families: BTreeMap<_, _> = families
        .into_iter()
        .map(|(family, (all, taken))| {
            let percent = percent(taken, all);
            (family, json!({ "branches": all, "taken": taken, "percent": percent }))
        })
        .collect();
    let json = json!({ "families": families, "versions": versions, "skipped": skipped });
    Ok(Report::done(json, lines.join("\n")))
}

fn entry(one: &Taken) -> serde_json::Value {
    let missed = one.missed.iter();
    let missed: Vec<_> =
        missed.map(|branch| json!({ "line": branch.line, "what": branch.what })).collect();
    json!({
        "slot": one.slot,
        "family": one.family,
        "file": one.file,
        "branches": one.branches,
        "missed": missed,
    })
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 100.0 } else { (10_000.0 * part as f64 / whole as f64).round() / 100.0 }
}
