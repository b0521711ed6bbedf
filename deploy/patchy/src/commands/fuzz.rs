//! `patchy fuzz`.

use crate::commands::check::verdict_table;
use crate::context::Context;
use crate::corpus;
use crate::exit::{ExitCode, Failure, Result};
use crate::formats;
use crate::judge::{Effort, search};
use crate::report::Report;
use serde_json::{Value, json};
use verdict::Decision;

/// Judges the versions of one slot upon inputs that are searched for: the compiler counts which edges of
/// the versions and of the reference each input takes, and what takes a new one is changed further.
///
/// The least inputs that together take all edges that were taken are kept, below `equivalence/corpus`:
/// every later check meets them first, and the next search starts from them. At most 64 KiB a slot.
/// What is found stands as a verdict: rule on it with `patchy check --slot S --rule WHO --because TEXT`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy fuzz --slot pre_order.on_po_acks --seconds 60

Exits with 0 if nothing was found, and with 2 if something was.")]
pub(crate) struct Arguments {
    /// The slot, as component.slot
    #[arg(long, value_name = "S")]
    slot: String,
    /// How long to search
    #[arg(long, value_name = "T", default_value_t = 60)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// Decides what the search begins with
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<Report> {
    let (project, inventory) = context.inventory()?;
    let slot = inventory.slot(&arguments.slot)?.path.to_string();
    let effort = Effort {
        seconds: Some(arguments.seconds),
        seed: Some(arguments.seed),
        ..Effort::default()
    };
    let (report, searched) = search(&project, &inventory, &slot, &effort)?;
    let Some(first) = report.versions.first() else {
        return Err(Failure::internal("a search without a verdict"));
    };
    let found: Vec<_> =
        report.versions.iter().filter(|one| one.verdict == Decision::Rejected).collect();
    let folder = corpus::folder(&slot);
    let mut json = json!(report);
    json["search"] = Value::Null;
    json["edges"] = searched.edges.into();
    json["features"] = searched.features.into();
    json["corpus"] = searched.corpus.len().into();
    json["corpus_folder"] = json!(folder);
    let mut text = format!(
        "{}\n{} features of {} edges; {} inputs a second; {} inputs kept in {}",
        verdict_table(&report.versions),
        searched.features,
        searched.edges,
        first.inputs_per_second,
        searched.corpus.len(),
        folder.display(),
    );
    for verdict in &found {
        let details = formats::details(verdict);
        text.push_str(&format!("\n\n{}/{} is rejected\n{details}", verdict.family, verdict.slot));
    }
    let code = if found.is_empty() { ExitCode::Done } else { ExitCode::Divergence };
    Ok(Report::done(json, text).with_code(code))
}
