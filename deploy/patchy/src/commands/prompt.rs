//! `patchy prompt`.

use crate::context::Context;
use crate::exit::Result;
use crate::report::Report;
use patcher::{PromptRequest, Specification, write_stub};
use serde_json::json;
use std::path::PathBuf;

/// Writes what the author of a new version, a model or a person, is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy prompt pre_order.on_po_request --from paper --mandate 'no loops; use iterators'
         patchy prompt order --from contract --stub ../elm-order --family elm
         patchy prompt broadcast --whole --mandate 'a log of events, folded on demand'")]
pub(crate) struct Arguments {
    /// A slot, as component.slot, or a component with all its slots
    #[arg(value_name = "SLOT|COMPONENT")]
    name: String,
    /// Ask for the component as a whole, in one file with a state of its own
    #[arg(long, conflicts_with = "rewrite")]
    whole: bool,
    /// What the author is told of the task: contract, paper or invariants
    #[arg(long, value_name = "SOURCE", default_value = "contract")]
    from: Specification,
    /// Show the reference's function, to be written anew from it
    #[arg(long)]
    rewrite: bool,
    /// What is asked beyond the task: data structure, algorithm, control flow
    #[arg(long, value_name = "TEXT")]
    mandate: Option<String>,
    /// Write the prompt into a new folder to work in, beside the protocol's public items without
    /// bodies, against which a version compiles
    #[arg(long, value_name = "FOLDER")]
    stub: Option<PathBuf>,
    /// The family whose author works there
    #[arg(long, value_name = "NAME", requires = "stub", default_value = "family")]
    family: String,
}

pub(crate) fn run(arguments: Arguments, context: &Context) -> Result<Report> {
    let (project, inventory) = context.inventory()?;
    let Arguments { name, whole, from, rewrite, mandate, stub, family } = arguments;
    let request = PromptRequest { name: &name, from, mandate: mandate.as_deref(), rewrite, whole };
    if let Some(folder) = stub {
        write_stub(&project, &inventory, &request, &family, &folder)?;
        let json = json!({ "name": name, "from": from, "family": family, "folder": folder });
        let told = format!("{}: PROMPT.md says what to do", folder.display());
        return Ok(Report::done(json, told));
    }
    let prompt = patcher::prompt(&project, &inventory, &request)?;
    let json = json!({ "name": name, "from": from, "rewrite": rewrite, "prompt": prompt });
    Ok(Report::done(json, prompt))
}
