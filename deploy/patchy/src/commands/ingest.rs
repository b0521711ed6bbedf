//! `patchy ingest`.

use crate::author::{self, Author};
use crate::commands::check::text;
use crate::context::Context;
use crate::exit::{ExitCode, Result};
use crate::gate::{self, Passage, Sandbox};
use crate::judge::Effort;
use crate::ledger::{Ledger, Origin, Tried};
use crate::report::Report;
use patcher::{Kept, Project, sha256};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Sends a version that somebody wrote by hand through the gate, and puts it into its family if it
/// comes through: it must be Rust, have its slot's signature, hold nothing forbidden, compile, and do
/// what the oracles demand and the other versions do, at no higher cost.
///
/// The family's ledger notes it either way, its text with it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy ingest pre_order.covers --family dogwood covers.rs --written-by 'D. Wood' \\
             --mandate 'bit sets in integer words'

Exits with 0 if it was accepted, and with 2 if not.")]
pub(crate) struct Arguments {
    /// The slot, as component.slot
    #[arg(value_name = "SLOT")]
    slot: String,
    /// The version
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    author: Author,
    /// The person or model that wrote it
    #[arg(long, value_name = "NAME", default_value = "a person")]
    written_by: String,
    /// The prompt that its author was given, for its hash
    #[arg(long, value_name = "FILE")]
    prompt: Option<PathBuf>,
    /// What its author found ambiguous
    #[arg(long, value_name = "FILE")]
    ambiguities: Option<PathBuf>,
    #[command(flatten)]
    looking: Looking,
}

/// How hard the gate looks.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Looking {
    /// How many cases the version gets [default: 100000]
    #[arg(long, value_name = "N")]
    cases: Option<u64>,
    /// How long it is judged at most
    #[arg(long, value_name = "T")]
    seconds: Option<u64>,
    /// Equal seeds give equal inputs
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    #[command(flatten)]
    sandbox: Sandbox,
}

impl Looking {
    /// Fails where the kernel cannot keep untrusted code in and must.
    pub(crate) fn effort(&self) -> Result<Effort> {
        let Self { cases, seconds, seed, .. } = *self;
        Ok(Effort { cases, seconds, seed, case: None, untrusted: self.sandbox.untrusted()? })
    }
}

pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<Report> {
    let (project, inventory) = context.inventory()?;
    let slot = inventory.path(&arguments.slot)?;
    let lineage = arguments.author.lineage(&project, &inventory, &arguments.written_by)?;
    arguments.author.check_free(&inventory, &slot)?;
    let read = |file: &Option<PathBuf>| file.as_deref().map(text).transpose();
    let (prompt, ambiguities) = (read(&arguments.prompt)?, read(&arguments.ambiguities)?);
    let written = text(&arguments.file)?;
    let effort = arguments.looking.effort()?;
    let file = shown(&project, &arguments.file);
    let version = gate::read(&inventory, &slot, &lineage.name, &file, written)?;
    let (specification, mandate) = arguments.author.task(&lineage, &slot);
    let origin = Origin {
        written_by: arguments.written_by.clone(),
        specification,
        mandate,
        prompt_sha256: prompt.map(|prompt| sha256(prompt.as_bytes())),
    };
    let tried = Tried { text: Some(version.text.clone()), ambiguities, ..Tried::default() };
    let mut ledger = Ledger::open(&project, &inventory, &lineage, &slot)?;
    let noted = ledger.begin(&origin, tried)?;
    let passage = gate::pass(&project, &inventory, &version, &effort)?;
    ledger.judged(noted, Ok(&passage))?;
    let kept = match passage.is_through() {
        false => None,
        true => {
            let verdict = &passage.verdict;
            let kept = author::keep(context, &project, &inventory, &lineage, &version, verdict)?;
            ledger.kept(noted)?;
            Some(kept)
        }
    };
    Ok(report(&version.name(), &passage, kept.as_ref()))
}

/// How a file is called in what the ledger keeps: by its place in the project, or, outside, by its name.
fn shown(project: &Project, file: &Path) -> PathBuf {
    let place = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let root = project.root.canonicalize().unwrap_or_else(|_| project.root.clone());
    let name = || file.file_name().map_or_else(|| file.to_owned(), PathBuf::from);
    place.strip_prefix(&root).map_or_else(|_| name(), Path::to_owned)
}

fn report(name: &str, passage: &Passage, kept: Option<&Kept>) -> Report {
    let json = json!({
        "accepted": passage.is_through(),
        "attempts": 1,
        "reasons": passage.reasons,
        "tokens_in": 0,
        "tokens_out": 0,
        "file": kept.map(|kept| &kept.file),
        "is_member": kept.map(|kept| kept.is_member),
        "cases": passage.verdict.cases,
    });
    match kept {
        Some(kept) => Report::done(
            json,
            format!("{name} is accepted, {} cases: {}", passage.verdict.cases, kept.file.display()),
        ),
        None => Report::done(json, format!("{name} is refused\n{}", reasons(passage)))
            .with_code(ExitCode::Divergence),
    }
}

/// Each reason with its class.
fn reasons(passage: &Passage) -> String {
    let line = |reason: &gate::Reason| format!("{}: {}", reason.class.name(), reason.sentence);
    passage.reasons.iter().map(line).collect::<Vec<_>>().join("\n")
}
