//! `patchy generate`.

use crate::author::Author;
use crate::commands::ingest::Looking;
use crate::context::Context;
use crate::exit::{ExitCode, Failure, Result};
use crate::ledger::Origin;
use crate::model::{Asking, Client, Commission, Outcome};
use crate::report::Report;
use patcher::{PromptRequest, sha256};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Has a model write a version: it gets what `patchy prompt` writes, its code block goes through the
/// gate, and what the gate finds goes back to it, until the version is let through or the attempts are
/// used up. Every attempt goes into the family's ledger, every exchange into a recording beside it.
///
/// A key is read from OPENAI_API_KEY or ANTHROPIC_API_KEY, and written nowhere.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy generate pre_order.covers --family dogwood --model claude-sonnet-4-5 \\
             --mandate 'bit sets in integer words'
         patchy generate pre_order.covers --family elm --model llama3.1 --api ollama
         patchy generate pre_order.covers --family dogwood --replay run-1.json

Exits with 0 if a version was accepted, with 2 if none was, and with 3 if the model did not answer.")]
pub(crate) struct Arguments {
    /// The slot, as component.slot
    #[arg(value_name = "SLOT")]
    slot: String,
    #[command(flatten)]
    author: Author,
    /// As the endpoint calls it
    #[arg(long, value_name = "M", required_unless_present = "replay")]
    model: Option<String>,
    #[command(flatten)]
    asking: Asking,
    /// How often the model may try
    #[arg(long, value_name = "N", default_value_t = 4)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100))]
    attempts: u32,
    /// Show the model the reference's function, to be written anew from it
    #[arg(long)]
    rewrite: bool,
    /// Take the answers from this recording, and no network
    #[arg(long, value_name = "FILE", conflicts_with_all = ["endpoint", "api", "client"])]
    replay: Option<PathBuf>,
    /// What a million tokens of questions cost
    #[arg(long, value_name = "PRICE", requires = "price_out")]
    price_in: Option<f64>,
    /// What a million tokens of answers cost
    #[arg(long, value_name = "PRICE", requires = "price_in")]
    price_out: Option<f64>,
    #[command(flatten)]
    looking: Looking,
}

pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<Report> {
    let (project, inventory) = context.inventory()?;
    let slot = inventory.slot(&arguments.slot)?;
    let name = slot.path.to_string();
    arguments.author.check_free(&inventory, &slot.path)?;
    let effort = arguments.looking.effort()?;
    let mut client = match (&arguments.replay, &arguments.model) {
        (Some(file), _) => Client::recording(file, &name)?,
        (None, Some(model)) => {
            Client::model(&project, &inventory, &name, model, &arguments.asking)?
        }
        (None, None) => return Err(Failure::internal("an option that must be given was not")),
    };
    let lineage = arguments.author.lineage(&project, &inventory, client.name())?;
    let (from, mandate) = arguments.author.task(&lineage, &slot.path);
    let prompt = patcher::prompt(
        &project,
        &inventory,
        &PromptRequest {
            name: &name,
            from,
            mandate: Some(&mandate),
            rewrite: arguments.rewrite,
            whole: false,
        },
    )?;
    let origin = Origin {
        written_by: client.name().to_owned(),
        specification: from,
        prompt_sha256: Some(sha256(prompt.as_bytes())),
        mandate,
    };
    let commission = Commission {
        context,
        project: &project,
        inventory: &inventory,
        slot,
        lineage: &lineage,
        origin: &origin,
        prompt: &prompt,
        attempts: arguments.attempts,
        effort: &effort,
    };
    let outcome = commission.run(&mut client)?;
    let name = format!("{}/{name}", lineage.name);
    Ok(arguments.report(&name, client.name(), &outcome))
}

impl Arguments {
    fn cost(&self, outcome: &Outcome) -> Option<f64> {
        // Tokens of one conversation are far below 2^52.
        let millions = |tokens: u64| u32::try_from(tokens).map_or(f64::MAX, f64::from) / 1e6;
        let (of_in, of_out) = (self.price_in?, self.price_out?);
        Some(of_in * millions(outcome.tokens_in) + of_out * millions(outcome.tokens_out))
    }

    fn report(&self, name: &str, model: &str, outcome: &Outcome) -> Report {
        let reasons: Vec<Value> = outcome
            .reasons
            .iter()
            .map(|(attempt, reason)| {
                json!({ "attempt": attempt, "class": reason.class, "sentence": reason.sentence })
            })
            .collect();
        let cost = self.cost(outcome);
        let json = json!({
            "accepted": outcome.kept.is_some(),
            "attempts": outcome.attempts,
            "reasons": reasons,
            "tokens_in": outcome.tokens_in,
            "tokens_out": outcome.tokens_out,
            "cost": cost,
            "model": model,
            "file": outcome.kept.as_ref().map(|kept| &kept.file),
            "recording": outcome.cassette,
        });
        let mut lines: Vec<String> = outcome
            .reasons
            .iter()
            .map(|(attempt, reason)| {
                format!("attempt {attempt}: {}: {}", reason.class.name(), reason.sentence)
            })
            .collect();
        let cost = cost.map(|cost| format!(", which cost {cost:.4}")).unwrap_or_default();
        let tokens = format!("{} tokens in, {} out{cost}", outcome.tokens_in, outcome.tokens_out);
        let attempts = outcome.attempts;
        let code = match &outcome.kept {
            Some(kept) => {
                let file = kept.file.display();
                lines.push(format!("{name} is accepted at attempt {attempts}: {file} ({tokens})"));
                ExitCode::Done
            }
            None => {
                lines.push(format!("{name}: none of {attempts} attempts came through ({tokens})"));
                ExitCode::Divergence
            }
        };
        Report::done(json, lines.join("\n")).with_code(code)
    }
}
