//! Searching for inputs that make versions differ.

use super::Effort;
use super::broken::{How, build, is_about, of_broken};
use super::{Given, keep, refused, run};
use crate::confine;
use crate::corpus;
use crate::exit::{Failure, Result};
use crate::kept::Kept;
use crate::verdicts::Store;
use patcher::{Inventory, Project, VersionFile};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use verdict::{By, Decision, KeptInput, Report, Search, Verdict, is_benched};

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
    let compiler = confine::wrapper(project, None)?;
    let how = How { counted: true, strict: true, ..How::through(&compiler) };
    let (runner, _, broken) = build(project, inventory, &versions, &alone, how)?;
    verdicts.extend(broken.iter().map(of_broken));
    versions.retain(|version| !broken.iter().any(|it| is_about(it, version)));

    let kept = Kept::read(project, inventory)?;
    let met = kept.of(&BTreeSet::from(alone));
    let given = Given::new(&met)?;
    let Some(mut report) = run::search(&runner, slot, &versions, &given, effort)? else {
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
    check_corpus(&searched.corpus, &met, &report)?;
    searched.corpus.retain(|input| !kept.rulings.iter().any(|one| one.kept().input == *input));
    let begun_with = met.iter().map(|input| input.name.as_str()).collect();
    corpus::replace(project, slot, &searched.corpus, &begun_with)?;
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

/// Refuses what no search comes to, before anything that is kept is taken away for it: nothing, though
/// there was an input to begin with, or more than there is room for.
fn check_corpus(corpus: &[Value], met: &[&KeptInput], report: &Report) -> Result<()> {
    let size: usize = corpus.iter().map(|input| input.to_string().len()).sum();
    let stale = |input: &KeptInput| report.stale.iter().any(|one| one.name == input.name);
    // The input of a ruling may be longer than any that is kept.
    let own = met.iter().filter(|input| Path::new(&input.name).starts_with(corpus::FOLDER));
    let began = own.into_iter().any(|input| !stale(input));
    if corpus.is_empty() && began {
        return Err(Failure::internal(
            "the search came to no input, though it began with some: these stay",
        ));
    }
    if size > Search::TOGETHER {
        return Err(Failure::internal(format!("a search kept {size} bytes of inputs")));
    }
    Ok(())
}

fn lost(report: &Report) -> Failure {
    let Verdict { family, slot, minimal_input, .. } = &report.decisive;
    let sentence = format!("{family}/{slot} did not come back, which ended the search");
    Failure::new(crate::exit::ExitCode::Divergence, sentence)
        .with_details(minimal_input.clone().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::unseen;
    use serde_json::json;
    use verdict::Stale;

    #[test]
    fn nothing_is_taken_away_for_a_corpus_that_no_search_comes_to() {
        let slot = "pre_order.covers";
        let input = |name: &str| KeptInput {
            name: name.to_owned(),
            slot: slot.to_owned(),
            input: json!(1),
        };
        let own = input("equivalence/corpus/pre_order.covers/1.json");
        let ruled = input("equivalence/rulings/pre_order.covers/heron-1.toml");
        let mut report = Report::new(vec![unseen(Decision::Accepted, "heron", slot)]).unwrap();
        assert!(check_corpus(&[json!(1)], &[&own], &report).is_ok());
        assert!(check_corpus(&[], &[&ruled], &report).is_ok());
        let said = check_corpus(&[], &[&own], &report).unwrap_err().sentence;
        assert_eq!(said, "the search came to no input, though it began with some: these stay");
        report.stale.push(Stale { name: own.name.clone(), why: String::new() });
        assert!(check_corpus(&[], &[&own], &report).is_ok());
        let long = json!("x".repeat(Search::TOGETHER));
        let said = check_corpus(&[long], &[], &report).unwrap_err().sentence;
        assert_eq!(said, "a search kept 65538 bytes of inputs");
    }
}
