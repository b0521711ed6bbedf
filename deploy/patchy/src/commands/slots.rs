//! `patchy slots`.

use crate::context::Context;
use crate::exit::Result;
use crate::report::{Report, table};
use crate::verdicts;
use patcher::{Census, census};
use serde_json::json;

/// Lists every slot with its component, shape, size, lines and versions, and says how much of the
/// protocol each family wrote anew. Only versions that the bench accepted count for a family.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: patchy slots --json | jq .families")]
pub(crate) struct Arguments {
    /// Show the contracts too
    #[arg(long)]
    contracts: bool,
}

pub(crate) fn run(arguments: Arguments, context: &Context) -> Result<Report> {
    let (project, inventory) = context.inventory()?;
    let verdicts = verdicts::Store::new(&project, &inventory)?;
    let census = census(&project, &inventory, &|version| verdicts.accepted(version))?;
    let unjudged = inventory.versions().filter(|version| verdicts.of(version).is_none()).count();
    let mut json = json!(census);
    json["unjudged"] = unjudged.into();
    let mut text = describe(&census);
    if unjudged > 0 {
        text += &format!(
            "\n{unjudged} versions have not been judged yet and count for no family: run \
             `patchy check`"
        );
    }
    if let Some(slots) = json["slots"].as_array_mut() {
        let functions = inventory.slots.values().map(|slot| (&slot.path, &slot.contract));
        let components = inventory.components.values();
        let components = components.map(|component| (&component.path, &component.contract));
        for (entry, (path, contract)) in slots.iter_mut().zip(functions.chain(components)) {
            entry["contract"] = contract.clone().into();
            if arguments.contracts {
                text += &format!("\n\n{path}\n\n{}", contract.trim());
            }
        }
    }
    Ok(Report::done(json, text))
}

fn describe(census: &Census) -> String {
    let mut slots = table(["slot", "shape", "lines", "versions"]);
    for slot in &census.slots {
        let lines = slot.lines.to_string();
        slots.add_row([slot.slot.as_str(), &slot.shape, &lines, &slot.versions.join(" ")]);
    }
    let head = ["family", "accepted versions", "slots anew", "of the protocol anew"];
    let mut families = table(head);
    for (name, family) in &census.families {
        families.add_row([
            name.clone(),
            family.accepted.to_string(),
            family.slots.to_string(),
            format!("{:.1} %", family.reimplemented_percent),
        ]);
    }
    format!(
        "{slots}\n{} slots hold {} of the protocol's {} lines\n\n{families}",
        census.slots.len(),
        census.slotted_lines,
        census.protocol_lines
    )
}
