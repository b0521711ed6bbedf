//! `patchy ledger`.

use crate::context::Context;
use crate::exit::{Failure, Result};
use crate::gate::Sandbox;
use crate::ledger::{Attempt, Entry, Inputs, Matrix, entries, judge_mutants, missing, rejudge};
use crate::report::{Report, table};
use patcher::{Inventory, sha256};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How the versions came about: first drafts, what became of them, and on which inputs they failed.
///
/// Versions of which no draft is recorded are missing: nothing is known of their authors' faults.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy ledger
         patchy ledger rejudge --cases 20000")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Debug, clap::Subcommand)]
enum Task {
    /// Judge all first drafts again on the same inputs, and write down which failed on which
    Rejudge(Rejudge),
}

/// What is judged is the first text of each author that keeps the rules and compiles, as it came.
/// `patchy risk PLAN` reads what comes of it, from equivalence/failures.
#[derive(Debug, clap::Args)]
struct Rejudge {
    /// How many inputs a slot gets
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1 << 32))]
    cases: u64,
    /// Decides the inputs
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Also judge so many mutants of every version, the reference's too, drawn by the seed
    #[arg(long, value_name = "K")]
    mutants: Option<usize>,
    /// How many inputs each mutant gets
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1 << 32))]
    mutant_cases: u64,
    #[command(flatten)]
    sandbox: Sandbox,
}

pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<Report> {
    let (project, inventory) = context.inventory()?;
    let entries = entries(&project, &inventory)?;
    let matrix = match &arguments.task {
        None => Matrix::read(&project)?,
        Some(Task::Rejudge(Rejudge { cases, seed, mutants, mutant_cases, sandbox })) => {
            let inputs = Inputs { cases: *cases, seed: *seed };
            let untrusted = sandbox.untrusted()?;
            let matrix = rejudge(&project, &inventory, &entries, inputs, untrusted.as_ref())?;
            let file = matrix.write(&project)?;
            context.note(&format!("the failures are in {}", project.shown(&file).display()));
            if let Some(each) = mutants {
                let inputs = Inputs { cases: *mutant_cases, seed: *seed };
                judge_mutants(&project, &inventory, &matrix.slots, *each, inputs)?
                    .write(&project)?;
            }
            Some(matrix)
        }
    };
    report(&inventory, &entries, matrix.as_ref())
}

fn report(inventory: &Inventory, entries: &[Entry], matrix: Option<&Matrix>) -> Result<Report> {
    let missing: Vec<String> =
        missing(inventory, entries).into_iter().map(|version| version.name()).collect();
    let mut drafts = Vec::new();
    let mut shown = table(["family", "drafts", "unchanged", "mended", "refused", "failed inputs"]);
    let mut families: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for entry in entries {
        let Some(draft) = entry.drafts().next().or_else(|| entry.record.attempts.first()) else {
            continue;
        };
        let (json, row) = describe(inventory, entry, draft, matrix)?;
        let sums = families.entry(&entry.record.family).or_default();
        for (sum, more) in sums.iter_mut().zip(row) {
            *sum += more;
        }
        drafts.push(json);
    }
    for (family, sums) in &families {
        let [drafts, unchanged, mended, refused, failed] = sums.map(|sum| sum.to_string());
        shown.add_row([(*family).to_owned(), drafts, unchanged, mended, refused, failed]);
    }
    let text = format!(
        "{shown}\n{} drafts recorded, {} versions of which none is{}",
        drafts.len(),
        missing.len(),
        matrix.map_or_else(
            || "; nothing was judged again yet, see `patchy ledger rejudge`".to_owned(),
            of_matrix
        )
    );
    let failures = matrix.map_or(Value::Null, failures);
    let json = json!({ "drafts": drafts, "missing": missing, "failures": failures });
    Ok(Report::done(json, text))
}

/// One draft: for scripts, and its part in its family's row.
fn describe(
    inventory: &Inventory,
    entry: &Entry,
    draft: &Attempt,
    matrix: Option<&Matrix>,
) -> Result<(Value, [usize; 5])> {
    let record = &entry.record;
    if draft.file.is_some() {
        entry.text(draft)?;
    }
    let version = inventory.versions().find(|version| version.name() == entry.name());
    let now = version.map(|version| sha256(version.text.as_bytes()));
    let unchanged = now.is_some() && now == draft.sha256;
    let failed = matrix.and_then(|matrix| matrix.failed(&record.family, &record.slot));
    let failed = failed.map(|failed| failed.len());
    let json = json!({
        "family": record.family,
        "slot": record.slot,
        "author": record.author,
        "written_by": draft.written_by,
        "specification": draft.specification,
        "date": draft.date,
        "prompt_sha256": draft.prompt_sha256,
        "ambiguities": draft.ambiguities.is_some(),
        "shown": draft.shown.len(),
        "sha256": draft.sha256,
        "verdict": draft.verdict,
        "class": draft.class,
        "retired": record.attempts.iter().filter(|attempt| attempt.retired.is_some()).count(),
        "attempts": record.attempts.len(),
        "kept": record.attempts.iter().any(|attempt| attempt.kept),
        "unchanged": unchanged,
        "failed_inputs": failed,
    });
    let mended = now.is_some() && !unchanged;
    let row = [1, unchanged.into(), mended.into(), now.is_none().into(), failed.unwrap_or(0)];
    Ok((json, row))
}

fn of_matrix(matrix: &Matrix) -> String {
    let Matrix { judged, unjudged, rows, cases, seed, date, .. } = matrix;
    let rows: usize = rows.values().map(std::collections::BTreeSet::len).sum();
    format!(
        "; on {date} {} were judged on {cases} inputs a slot (seed {seed}), {} could not be: {rows} \
         failures",
        judged.len(),
        unjudged.len()
    )
}

fn failures(matrix: &Matrix) -> Value {
    let of = |slot: &String| {
        matrix
            .versions
            .iter()
            .filter_map(|family| {
                let inputs = matrix.failed(family, slot).filter(|inputs| !inputs.is_empty())?;
                Some(json!({ "family": family, "slot": slot, "inputs": inputs }))
            })
            .collect::<Vec<_>>()
    };
    json!({
        "date": matrix.date,
        "seed": matrix.seed,
        "cases": matrix.cases,
        "inputs": matrix.inputs(),
        "judged": matrix.judged,
        "unfit": matrix.unfit,
        "unjudged": matrix.unjudged,
        "rows": matrix.slots.iter().flat_map(of).collect::<Vec<_>>(),
    })
}

/// The drafts' failures, for figures.
pub(crate) fn matrix(project: &patcher::Project) -> Result<Matrix> {
    Matrix::read(project)?.ok_or_else(|| {
        Failure::usage(
            "nobody has judged the first drafts yet, on whose failures figures rest: run `patchy \
             ledger rejudge`, or give what you know of failures with --failures",
        )
    })
}
