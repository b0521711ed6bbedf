//! The prompt that a model, or a person, is given for a new version.

pub(crate) mod contract;
mod macros;
mod scope;
pub(crate) mod source;
mod whole;

use crate::error::Result;
use crate::files;
use crate::inventory::Inventory;
use crate::lineage::Specification;
use crate::manifest;
use crate::project::Project;
use slot_syntax::{Slot, gate};
use source::Sources;
use std::fmt::Write as _;

/// What a prompt is to ask for.
#[derive(Debug, Clone)]
pub struct PromptRequest<'a> {
    /// A slot, as `component.slot`, or a component with all its slots.
    pub name: &'a str,
    /// What the author is told of the slot's task.
    pub from: Specification,
    /// What is asked beyond the task: data structure, algorithm, control flow.
    pub mandate: Option<&'a str>,
    /// Whether the reference's function is shown, to be written anew from it.
    pub rewrite: bool,
    /// Whether one version of a whole component is asked for, and not one of each of its slots.
    pub whole: bool,
}

/// Writes a prompt.
///
/// # Errors
///
/// Unknown slot or component; a whole that is none; source that cannot be read.
pub fn prompt(
    project: &Project,
    inventory: &Inventory,
    request: &PromptRequest<'_>,
) -> Result<String> {
    if request.whole {
        return whole::prompt(project, inventory, request);
    }
    let slots = inventory.slots_named(request.name)?;
    let sources = Sources::read(project)?;
    let crate_manifest = manifest::read_manifest(project, &project.settings.protocol)?;
    let library = manifest::library_name(&crate_manifest);
    let mut text = opening(&slots, &library);
    let component = slots.first().map_or("", |slot| slot.path.component.as_str());
    let about = component_doc(&sources, &library, component);
    if request.from == Specification::Contract && !about.is_empty() {
        let _ = writeln!(text, "## The component\n\n{}\n", plain_links(&about));
    }
    let departs = contract::section(&about, "Deviations from the report");
    if request.from == Specification::Paper && !departs.is_empty() {
        let _ = writeln!(
            text,
            "## Where this implementation departs\n\nWhere the paper and this differ, this \
             holds.\n\n{}\n",
            plain_links(&departs)
        );
    }
    for slot in &slots {
        task(&mut text, slot, request.from, &about);
        if request.from == Specification::Invariants {
            text.push_str(&recorded(project, slot)?);
        }
        if request.rewrite {
            let reference = inventory.texts[&slot.path].get(slot.bytes.clone()).unwrap_or_default();
            let _ = writeln!(
                text,
                "The function as it stands, which you write anew. Keep what it does; change how:\n\n\
                 ```rust\n{reference}\n```\n"
            );
        }
    }
    let mandate = request.mandate.unwrap_or("None beyond the above: choose your own way.");
    let _ = writeln!(text, "## Mandate\n\n{mandate}\n");
    rules(&mut text, &slots, &library);
    let scope = scope::scope(&sources, &project.settings.protocol, &slots, request.from);
    usable(&mut text, &scope);
    Ok(text)
}

/// What of the code around may be used.
fn usable(text: &mut String, scope: &str) {
    if scope.contains("pub enum Reject") {
        let _ = writeln!(
            text,
            "## What comes of a call\n\nThe next state, the value returned, and effects: the \
             variants of `Effect` below are all there are, and each says what it does. What is \
             refused is an effect too, or an error that is returned, and is named by the one variant \
             of `Reject` whose comment fits. Equal means: the same effects in the same order, the \
             same reasons, and the same state.\n"
        );
    }
    let _ = writeln!(
        text,
        "## What you may use\n\nPublic paths stand above each definition. Bodies are left out.\n\n\
         ```rust\n{scope}\n```"
    );
}

fn opening(slots: &[&Slot], library: &str) -> String {
    let names: Vec<String> = slots.iter().map(|slot| format!("`{}`", slot.path)).collect();
    let (what, each) = match names.as_slice() {
        [one] => (format!("the slot {one}"), "a version of it"),
        _ => (format!("the slots {}", names.join(", ")), "a version of each"),
    };
    format!(
        "# A new version of {what}\n\n\
         The crate `{library}` is a replica of a Byzantine fault-tolerant protocol. Its functions \
         marked as slots exist in several versions by different authors, so that no one mistake is \
         in more replicas than the protocol tolerates. Write {each} that does what is asked for \
         below and is as unlike other implementations as the mandate says: all versions must give \
         equal effects and equal abstract states for equal inputs.\n\n\
         ## First\n\n\
         Before any code, list everything in the task that can be read in more than one way, and \
         say for each which reading you take and why. If nothing is ambiguous, say so.\n\n"
    )
}

/// What one slot is to do, as the specification's kind tells it.
fn task(text: &mut String, slot: &Slot, from: Specification, about: &str) {
    let _ = writeln!(text, "## Task: `{}` ({})\n", slot.path, slot.shape);
    match from {
        Specification::Contract => {
            let _ = writeln!(text, "{}\n", plain_links(&slot.contract));
        }
        Specification::Paper => from_the_paper(text, slot, about),
        Specification::Invariants => {
            let lines = contract::invariants(&slot.contract);
            let lines = if lines.is_empty() {
                "None is written down.".to_owned()
            } else {
                lines.join("\n\n")
            };
            let _ = writeln!(
                text,
                "{}.\n\nWhat holds of it:\n\n{}\n",
                purpose(slot),
                plain_links(&lines)
            );
        }
    }
    let _ = writeln!(
        text,
        "Signature, to be kept except for the parameters' names:\n\n```rust\n{}\n```\n",
        slot.written_signature
    );
}

/// The recorded calls of a slot, if the project keeps some.
fn recorded(project: &Project, slot: &Slot) -> Result<String> {
    let Some(folder) = &project.settings.examples else { return Ok(String::new()) };
    let file = project.root.join(folder).join(format!("{}.md", slot.path.component));
    if !file.is_file() {
        return Ok(String::new());
    }
    let text = files::read_text(&file)?;
    let heading = slot.path.to_string();
    let calls =
        text.split("\n## ").find_map(|part| part.strip_prefix(&heading)?.strip_prefix('\n'));
    Ok(calls.map_or_else(String::new, |calls| {
        format!(
            "Calls that were recorded, each with what the reference made of it: the state before (long \
             values are cut off), what it was called with, `-` and `+` for what changed of the state, \
             the effects and the result.\n\n{}\n\n",
            calls.trim()
        )
    }))
}

/// What a slot is for, in the contract's first sentence.
fn purpose(slot: &Slot) -> String {
    plain_links(&contract::sentence(&slot.contract))
}

/// Where in the paper a slot stands, and what is different here; of what the paper does not know, the
/// contract, because nothing else tells it.
fn from_the_paper(text: &mut String, slot: &Slot, about: &str) {
    if contract::is_ours_alone(&slot.contract) {
        let _ = writeln!(
            text,
            "The paper does not know this slot, so what it does is told here:\n\n{}\n",
            plain_links(&slot.contract)
        );
        return;
    }
    let mut places = contract::cited(&slot.contract);
    let own = !places.is_empty();
    if !own {
        places = contract::cited(about);
    }
    let whose = if own { "" } else { " (cited for the component as a whole)" };
    let places = if places.is_empty() { "none is named".to_owned() } else { places.join("; ") };
    let _ = writeln!(
        text,
        "{}.\n\nWork from the paper alone{whose}: {places}. Its pseudocode and its text decide.\n",
        purpose(slot)
    );
    for departure in contract::departures(&slot.contract) {
        let _ = writeln!(text, "Here: {}\n", plain_links(&departure));
    }
    for refusal in contract::beginning(&slot.contract, &["Rejects"]) {
        let _ = writeln!(text, "{}\n", plain_links(&refusal));
    }
}

/// What holds for whatever is written.
fn forbidden(text: &mut String) {
    let _ = writeln!(text, "## What is forbidden\n");
    for rule in gate::rules() {
        let _ = writeln!(text, "- {rule}");
    }
    let _ = writeln!(
        text,
        "- no panic on any input that the types allow: what a peer sends ends in a reject\n\
         - no word before its record: where a contract names a `Persist` before a `Send`, `Relay` or \
         `Reply`, it is emitted before it, and `Persist`s among themselves in the order named\n"
    );
}

fn rules(text: &mut String, slots: &[&Slot], library: &str) {
    forbidden(text);
    let _ = writeln!(
        text,
        "## Form\n\n\
         Rust, edition 2024, no dependencies but `{library}`, the crates named below and the parts \
         of `std` that are allowed. Imports begin with `{library}::` or the crate's name. One file \
         for each slot, complete, with the entry function `pub fn`, private helpers and types \
         beside it, and no tests:\n"
    );
    for slot in slots {
        let _ = writeln!(text, "- `src/{}`", slot.path.file());
    }
    let _ = writeln!(
        text,
        "\nGive each file in a code block of its own, after a line with its path.\n"
    );
}

/// The `//!` comment of a component's module.
fn component_doc(sources: &Sources, library: &str, component: &str) -> String {
    let found = sources.files.iter().find(|source| {
        source.library == library && source.module.as_slice() == [component.to_owned()]
    });
    found.map(|source| source.doc.clone()).unwrap_or_default()
}

/// Text whose links to code, written [`x`], read as plain `x`.
fn plain_links(text: &str) -> String {
    without_targets(text).replace("[`", "`").replace("`]", "`")
}

/// Text whose links say nothing of where the code stands: an author may use public paths alone.
fn without_targets(text: &str) -> String {
    let mut parts = text.split("`](");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.split_once(')').map_or("", |(_, rest)| rest);
        plain.push_str("`]");
        plain.push_str(rest);
    }
    plain
}
