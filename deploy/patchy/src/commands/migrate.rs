//! `patchy migrate`.

use crate::context::Context;
use crate::exit::{ExitCode, Result};
use crate::judge::Effort;
use crate::migration::{Change, Found, Settled, Settling, Todo, changes, found, settle};
use crate::report::{Report, table};
use patcher::Inventory;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// After a slot's contract or signature changed: what hangs on it, and doing what can be done about it.
///
/// Lists by slot the versions that must be judged or written again, and the drafts, recorded
/// conversations and calls, kept inputs, rulings, tables and adjudications that are about what the slot was,
/// each with the command that makes it anew. What slots were is noted in equivalence/settled.json.
///
/// With --do, versions are judged again, drafts with another signature are retired in their ledgers,
/// verdicts that nobody can ask for are deleted, and the file is brought up to date, in which versions wait
/// that their authors must look at. Nothing else is changed. It may be interrupted, and done again.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy migrate
         patchy migrate --do

Exits with 0 if everything is settled, and with 2 if something is left. What people must make or look
at after a change is listed until --do has noted the change, and then no more; versions that wait, and
what stands under names that are gone, are listed until they are mended.")]
pub(crate) struct Arguments {
    /// Judge again what can be judged, and note what is left
    #[arg(long = "do")]
    settles: bool,
    /// How many cases each version gets
    #[arg(long, value_name = "N", requires = "settles")]
    cases: Option<u64>,
}

/// What is found of the slots that are not what they were.
type All = BTreeMap<String, (Change, Vec<Found>)>;

pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<Report> {
    let (project, inventory) = context.inventory()?;
    let settled = Settled::read(&project)?;
    let changes = changes(&settled, &inventory);
    let mut all = All::new();
    for (slot, change) in &changes {
        let found = found(&project, &inventory, slot, change)?;
        // Whoever changes a slot changes its component's interface, of which mostly nothing is kept.
        if !slot.contains('.') && found.is_empty() && *change != Change::New {
            continue;
        }
        all.insert(slot.clone(), (change.clone(), found));
    }
    let settling = match arguments.settles {
        false => None,
        true => {
            let effort = Effort { cases: arguments.cases, ..Effort::default() };
            Some(settle(&project, &inventory, &settled, &changes, &effort)?)
        }
    };
    let waiting = match &settling {
        Some(settling) => settling.waiting.clone(),
        None => settled.still_waiting(&inventory),
    };
    let waits: Vec<Value> = waiting
        .iter()
        .map(|(version, waiting)| json!({ "version": version, "why": waiting.why }))
        .collect();
    // What nobody knew before has nothing hanging on it.
    let left = match &settling {
        None => all.values().any(|(change, _)| *change != Change::New),
        Some(_) => all.values().flat_map(|(_, found)| found).any(by_people),
    };
    let is_settled = !left && waiting.is_empty();
    let mut text = describe(&inventory, &all, settling.as_ref());
    for (version, waiting) in &waiting {
        text += &format!("\n{version} waits for its author: {}", waiting.why);
    }
    let done = settling.as_ref().map(|settling| {
        json!({
            "judged": settling.verdicts,
            "retired": settling.retired,
            "dropped_verdicts": settling.dropped,
        })
    });
    let all_slots = inventory.slots.len() + inventory.components.len();
    let slots: Vec<Value> = all.iter().map(|(slot, one)| of_slot(slot, one)).collect();
    let json = json!({
        "slots": slots,
        "unchanged": all_slots - all.keys().filter(|it| is_slot(&inventory, it)).count(),
        "waiting": waits,
        "done": done,
        "settled": is_settled,
    });
    let code = if is_settled { ExitCode::Done } else { ExitCode::Divergence };
    Ok(Report::done(json, text).with_code(code))
}

fn is_slot(inventory: &Inventory, name: &str) -> bool {
    inventory.path(name).is_ok()
}

/// Whether something is left for people, once `--do` was done.
fn by_people(found: &Found) -> bool {
    matches!(found.todo, Todo::Write | Todo::Make | Todo::Look)
}

fn of_slot(slot: &str, (change, found): &(Change, Vec<Found>)) -> Value {
    let to = match change {
        Change::Renamed(to) => Some(to),
        _ => None,
    };
    json!({ "slot": slot, "change": change.name(), "to": to, "found": found })
}

fn describe(inventory: &Inventory, all: &All, settling: Option<&Settling>) -> String {
    let new = all.values().filter(|(change, _)| *change == Change::New).count();
    let mut lines = Vec::new();
    for (slot, (change, found)) in all.iter().filter(|(_, (change, _))| *change != Change::New) {
        let what = match change {
            Change::Renamed(to) => format!("is called {to} now"),
            Change::Gone => "is not there any more".to_owned(),
            Change::Signature => "has another signature".to_owned(),
            Change::Contract | Change::New => "has a contract in other words".to_owned(),
        };
        let mut shown = table(["what", "where", "to do", "why"]);
        for one in found {
            let todo = match (one.todo, &one.command) {
                (_, Some(command)) => command.clone(),
                (Todo::Judge, None) => "judge again (--do)".to_owned(),
                (Todo::Retire, None) => "retire (--do)".to_owned(),
                (_, None) => "nothing".to_owned(),
            };
            let place = one.path.display().to_string();
            shown.add_row([one.kind, &place, &todo, &one.why]);
        }
        lines.push(if found.is_empty() {
            format!("{slot} {what}; nothing is kept of it")
        } else {
            format!("{slot} {what}\n{shown}")
        });
    }
    let slots = inventory.slots.len() + inventory.components.len();
    match (settling, new, lines.is_empty()) {
        (None, 0, true) => lines.push(format!("{slots} slots ask for what they asked for")),
        (None, 0, false) => {}
        (None, ..) => lines.push(format!("{new} slots are new: --do notes what they ask for")),
        (Some(settling), ..) => {
            let accepted = settling.verdicts.iter();
            let accepted = accepted.filter(|it| it.verdict == verdict::Decision::Accepted).count();
            lines.push(format!(
                "noted what {} slots ask for; judged {} versions, {accepted} accepted; retired the drafts \
                 of {}; deleted {} verdicts",
                slots,
                settling.verdicts.len(),
                settling.retired.len(),
                settling.dropped,
            ));
        }
    }
    lines.join("\n\n")
}
