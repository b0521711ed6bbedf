//! `patchy check`.

use crate::commands::branches;
use crate::context::Context;
use crate::exit::{ExitCode, Failure, Result};
use crate::formats::{self, Places};
use crate::gate::{self, Sandbox};
use crate::judge::{Cut, Effort, Judged, Merged, in_parts, judge_with_reference, name_of_run};
use crate::output::Output;
use crate::report::{Report, table};
use crate::rulings::{self, Ruling, Rulings, Wrong};
use crate::shard::Shard;
use patcher::{Inventory, VersionFile};
use serde_json::json;
use slot_syntax::{Slot, SlotPath};
use std::fs;
use std::path::{Path, PathBuf};
use verdict::{Decision, Verdict, is_benched};

/// Judges versions: all versions of a slot run on the same inputs, beside the reference, and each
/// is held against the oracles. In slots of which nobody wrote a version the reference is judged by
/// itself, where there is an oracle; what is found about it awaits a ruling. Accepted over everything
/// means that every version is accepted that may vote: its family may, and no ruling on it is open.
///
/// --rule writes down, below `equivalence/rulings`, who is wrong about what was found: every later check
/// meets the input first. `open` says that nobody knows yet; until then the version may not vote.
///
/// What was judged before and has not changed is taken from the cache below `target/patchy`.
///
/// With --parts the cases are cut, each part has a seed of its own, and --record gets a line of each that
/// ended: the same command again goes on behind them, and shards' records written into one file are
/// the whole. The verdicts are those of all parts that are there.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy check --slot pre_order.on_po_request --seconds 30
         patchy check --candidate draft.rs --slot pre_order.covers
         patchy check --junit verdicts.xml --sarif verdicts.sarif
         patchy check --slot pre_order.covers --rule version --because 'null rows cover nothing'
         patchy check --cases 5000000 --parts 50 --record target/long.jsonl

Exits with 0 if accepted and with 2 if rejected or undecided.")]
pub(crate) struct Arguments {
    /// Only this slot, as component.slot, or this component: its slots, and versions of the whole
    #[arg(long, value_name = "S")]
    slot: Option<String>,
    /// Only the versions of this family
    #[arg(long, value_name = "F", conflicts_with = "candidate")]
    family: Option<String>,
    /// Judge this file instead, as a version of --slot, or of the slot that its path ends with
    #[arg(long, value_name = "FILE")]
    candidate: Option<PathBuf>,
    /// How many cases each version gets
    #[arg(long, value_name = "N")]
    cases: Option<u64>,
    /// How long all of it may take
    #[arg(long, value_name = "T")]
    seconds: Option<u64>,
    /// Equal seeds give equal inputs
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Only case number I of the seed, as a verdict names it
    #[arg(long, value_name = "I", requires = "slot", conflicts_with = "cases")]
    case: Option<u64>,
    /// Cut the cases into so many parts
    #[arg(long, value_name = "N", requires = "cases", requires = "record")]
    #[arg(conflicts_with_all = ["candidate", "seconds", "rule"])]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    parts: Option<u16>,
    /// Where a line is written of each part that ended; what stands there is not run again
    #[arg(long, value_name = "FILE", requires = "parts")]
    record: Option<PathBuf>,
    /// Run only the I-th of N shares of the parts, as I/N
    #[arg(long, value_name = "I/N", requires = "parts")]
    shard: Option<Shard>,
    /// Instead of verdicts: which branches of the versions, and of the reference's texts, the inputs take
    #[arg(long, conflicts_with_all = ["candidate", "case", "parts", "rule"])]
    branches: bool,
    /// Also write the verdicts as JUnit's XML, one test case a version
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Also write the findings as SARIF 2.1.0, each at its version's file
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
    /// Who is wrong about what is found: written down, with the input that shows it
    #[arg(long, value_name = "WHO", requires = "because", conflicts_with = "case")]
    rule: Option<Wrong>,
    /// Why, in words
    #[arg(long, value_name = "TEXT", requires = "rule")]
    because: Option<String>,
    #[command(flatten)]
    sandbox: Sandbox,
}

/// The family under which a candidate is judged.
pub(crate) const CANDIDATE: &str = "candidate";

pub(crate) fn run(arguments: Arguments, context: &Context) -> Result<Report> {
    let (project, inventory) = context.inventory()?;
    let junit = arguments.junit.as_deref().map(|file| Output::open(file, "--junit")).transpose()?;
    let sarif = arguments.sarif.as_deref().map(|file| Output::open(file, "--sarif")).transpose()?;
    let Arguments { cases, seconds, seed, case, .. } = arguments;
    let mut effort = Effort { cases, seconds, seed, case, untrusted: None };
    let (versions, alone, family) = match &arguments.candidate {
        Some(file) => {
            let slot = candidate_slot(&inventory, arguments.slot.as_deref(), file)?;
            effort.untrusted = arguments.sandbox.untrusted()?;
            let candidate = gate::read(&inventory, &slot, CANDIDATE, file, text(file)?)?;
            (beside(&inventory, candidate), Vec::new(), Some(CANDIDATE))
        }
        None => {
            let (versions, alone) = chosen(&inventory, &arguments)?;
            if arguments.branches {
                return branches::run((&project, &inventory), &versions, &effort, context);
            }
            (versions, alone, arguments.family.as_deref())
        }
    };
    let judge = |effort: &Effort| {
        judge_with_reference(&project, &inventory, &versions, &alone, family, effort)
    };
    let cut = arguments.parts.map(usize::from).zip(arguments.record);
    let cut = cut.map(|(parts, record)| Cut { parts, shard: arguments.shard, record });
    let (mut judged, parts) = match &cut {
        None => (judge(&effort)?, None),
        Some(cut) => {
            let asked = (&*versions, &*alone);
            let run = name_of_run(&project, &inventory, asked, family, (&effort, cut.parts))?;
            let Merged { judged, done, seconds } = in_parts(cut, &run, &effort, judge)?;
            (judged, Some(json!({ "of": cut.parts, "done": done, "seconds": seconds })))
        }
    };
    let rulings = Rulings::read(&project, &inventory)?;
    let text_of = |verdict: &Verdict| rulings::text_of(&inventory, &versions, verdict);
    let is_open = |verdict: &Verdict| rulings.is_open(verdict, text_of(verdict).as_deref());
    judged.report = judged.report.with_open(is_open);
    if family.is_none() && arguments.slot.is_none() {
        let votes = |verdict: &Verdict| match inventory.families.get(&verdict.family) {
            Some(family) => family.may_vote() && !is_open(verdict),
            // The reference: what is found about it awaits a ruling.
            None => false,
        };
        judged.report = judged.report.decided_by(votes);
    }
    let places = Places::new(&project, &inventory, &versions);
    if let Some(file) = junit {
        file.write(&formats::junit(&judged.report, &places))?;
    }
    if let Some(file) = sarif {
        file.write(&formats::sarif(&judged.report, &places))?;
    }
    let ruling = match arguments.rule.zip(arguments.because.as_deref()) {
        None => None,
        Some(decision) => {
            let verdicts = &judged.report.versions;
            Some(rulings::rule(&project, &inventory, &rulings, verdicts, &text_of, decision)?)
        }
    };
    Ok(report(&judged, &rulings, ruling, parts))
}

/// The text of a version's file.
pub(crate) fn text(file: &Path) -> Result<String> {
    let bytes = fs::read(file).map_err(Failure::file(file))?;
    String::from_utf8(bytes).map_err(|error| {
        let text = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + text.iter().filter(|byte| **byte == b'\n').count();
        let file = file.display();
        Failure::usage(format!("{file}:{line}: the file is not text in UTF-8; save it as that"))
    })
}

/// A version together with all others of its slot, with which it is to be compared.
pub(crate) fn beside(inventory: &Inventory, version: VersionFile) -> Vec<VersionFile> {
    let others = inventory.versions().filter(|other| other.slot == version.slot);
    let others = others.filter(|other| other.family != version.family).cloned();
    others.chain([version.clone()]).collect()
}

/// The versions that the arguments ask for, with those that they are compared with, and the slots in
/// which the reference is asked for and there is no version, if the bench can judge them.
fn chosen(
    inventory: &Inventory,
    arguments: &Arguments,
) -> Result<(Vec<VersionFile>, Vec<SlotPath>)> {
    if let Some(family) = &arguments.family {
        inventory.family(family)?;
    }
    let slots: Vec<&Slot> = match &arguments.slot {
        None => inventory.slots.values().collect(),
        Some(name) => inventory.slots_named(name)?,
    };
    let whole = |path: &SlotPath| {
        let named = arguments.slot.as_ref().is_none_or(|name| *name == path.component);
        path.is_component() && named
    };
    let wanted = |version: &&VersionFile| {
        whole(&version.slot) || slots.iter().any(|slot| slot.path == version.slot)
    };
    let versions: Vec<VersionFile> = inventory.versions().filter(wanted).cloned().collect();
    let Some(family) = &arguments.family else {
        let judged = slots.iter().filter(|slot| is_benched(&slot.path.component, &slot.path.name));
        let paths = judged.map(|slot| slot.path.clone());
        let alone = paths.filter(|path| !versions.iter().any(|version| version.slot == *path));
        let alone: Vec<SlotPath> = alone.collect();
        return Ok((versions, alone));
    };
    if !versions.iter().any(|version| version.family == *family) {
        let slot = arguments.slot.as_deref().unwrap_or("any slot");
        return Err(Failure::usage(format!(
            "there is no version of {slot} by {family} to judge: write one, see `patchy prompt`"
        )));
    }
    Ok((versions, Vec::new()))
}

fn candidate_slot(inventory: &Inventory, named: Option<&str>, file: &Path) -> Result<SlotPath> {
    if let Some(name) = named {
        return Ok(inventory.path(name)?);
    }
    let mut known = inventory.slots.keys().chain(inventory.components.keys());
    let found = known.find(|path| file.ends_with(path.file()));
    found.cloned().ok_or_else(|| {
        Failure::usage(format!(
            "{}: of which slot is this a version? name it with --slot, or end the path in \
             COMPONENT/SLOT.rs",
            file.display()
        ))
    })
}

/// `made` is the ruling that was written just now, `parts` what is known of a check in parts.
fn report(
    judged: &Judged,
    rulings: &Rulings,
    made: Option<String>,
    parts: Option<serde_json::Value>,
) -> Report {
    let decisive = &judged.report.decisive;
    let decision = decisive.verdict;
    let behind = rulings.behind(decisive);
    let mut json = json!(judged.report);
    json["cached"] = judged.cached.into();
    json["ruling"] = json!(behind.map(Ruling::name));
    json["ruled"] = json!(made);
    json["parts"] = json!(parts);
    let code = ExitCode::of_runner(Some(judged.report.exit_code().into()));
    let word = word(decisive);
    let mut rest = match decision {
        Decision::Accepted => String::new(),
        _ => format!("\n\n{}", explain(decisive)),
    };
    if let Some(ruling) = behind {
        rest.push_str(&format!("\nruling: {ruling}"));
    }
    if let Some(parts) = &parts {
        let done = parts["done"].as_array().map_or(0, Vec::len);
        rest.push_str(&format!(
            "\n\n{done} of {} parts, {:.0} s",
            parts["of"],
            parts["seconds"].as_f64().unwrap_or_default()
        ));
    }
    match judged.report.stale.len() {
        0 => {}
        stale => rest.push_str(&format!("\n\n{stale} kept inputs do not fit their slots any more")),
    }
    if let Some(file) = made {
        rest.push_str(&format!("\n\nruled, in {file}: commit it"));
    }
    let cached = if judged.cached { " (judged before; nothing has changed since)" } else { "" };
    let text = format!(
        "{}\n{word}: {} cases in {} versions, {} open rulings{cached}{rest}",
        verdict_table(&judged.report.versions),
        judged.report.total_cases,
        judged.report.versions.len(),
        judged.report.open_rulings,
    );
    Report::done(json, text).with_code(code)
}

/// One row a version.
pub(crate) fn verdict_table(verdicts: &[Verdict]) -> comfy_table::Table {
    let head = ["slot", "family", "verdict", "by", "cases", "cases/s", "changing", "minimal input"];
    let mut shown = table(head);
    for verdict in verdicts {
        shown.add_row([
            verdict.slot.clone(),
            verdict.family.clone(),
            word(verdict),
            json!(verdict.by).as_str().unwrap_or_default().to_owned(),
            verdict.cases.to_string(),
            verdict.cases_per_second.to_string(),
            format!("{:.0} %", verdict.state_changing_percent),
            first_line(verdict.minimal_input.as_deref().unwrap_or_default()),
        ]);
    }
    shown
}

/// `accepted`, `rejected` or `undecided`.
pub(crate) fn word(verdict: &Verdict) -> String {
    json!(verdict.verdict).as_str().unwrap_or_default().to_owned()
}

fn first_line(text: &str) -> String {
    const MOST: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

/// Everything that the bench can say for a verdict that is not `accepted`.
fn explain(verdict: &Verdict) -> String {
    let details = formats::details(verdict);
    format!("{}/{} is {}\n{details}", verdict.family, verdict.slot, word(verdict))
}
