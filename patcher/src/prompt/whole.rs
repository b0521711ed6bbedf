//! The prompt for a version of a whole component.

use super::scope::scope_of_whole;
use super::source::{Definition, Sources};
use super::{PromptRequest, component_doc, contract, forbidden, plain_links, usable};
use crate::error::{Error, Result};
use crate::inventory::Inventory;
use crate::lineage::Specification;
use crate::project::Project;
use slot_syntax::component::{CONVERSIONS, MODEL, STATE};
use slot_syntax::{Component, Slot};
use std::fmt::Write as _;

pub(super) fn prompt(
    project: &Project,
    inventory: &Inventory,
    request: &PromptRequest<'_>,
) -> Result<String> {
    let path = inventory.path(request.name)?;
    let Some(component) = inventory.components.get(&path) else {
        let known = inventory.components.keys().map(ToString::to_string).collect();
        return Err(Error::NotWhole { name: request.name.to_owned(), known });
    };
    let sources = Sources::read(project)?;
    let library = project.protocol_library()?;
    let name = path.component.as_str();
    let mut text = opening(name, &library, component);
    let about = component_doc(&sources, &library, name);
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
    state(&mut text, component);
    let all: Vec<&Slot> = inventory.covered(&path).collect();
    for slot in &component.slots {
        super::task(&mut text, slot, request.from, &about);
        if request.from == Specification::Invariants {
            text.push_str(&super::recorded(project, slot)?);
        }
    }
    for member in &component.functions {
        let contract = plain_links(&member.contract);
        let _ = writeln!(
            text,
            "## Task: `{}`\n\n{contract}\n\nSignature, to be kept except for the parameters' \
             names:\n\n```rust\n{}\n```\n",
            member.name, member.written_signature
        );
    }
    inner(&mut text, project, &sources, component, request.from);
    let mandate = request.mandate.unwrap_or(
        "A representation of the state that is not the abstract one's: choose your own.",
    );
    let _ = writeln!(text, "## Mandate\n\n{mandate}\n");
    forbidden(&mut text);
    let _ = writeln!(
        text,
        "- of `{library}::{name}` nothing but `{library}::{name}::model`: the rest of it is not there \
         when your file takes its place\n\n\
         ## Form\n\n\
         Rust, edition 2024, no dependencies but `{library}`, the crates named below and the parts \
         of `std` that are allowed. Imports begin with `{library}::` or the crate's name. One file, \
         complete, with private helpers and types beside the interface, and no tests: `src/{}`. Give \
         it in a code block of its own, after a line with its path.\n",
        path.file()
    );
    let protocol = &project.settings.protocol;
    usable(&mut text, &scope_of_whole(&sources, protocol, (name, &all), request.from));
    Ok(text)
}

fn opening(name: &str, library: &str, component: &Component) -> String {
    format!(
        "# A new version of the whole component `{name}`\n\n\
         The crate `{library}` is a replica of a Byzantine fault-tolerant protocol. Its components \
         exist in several versions by different authors, so that no one mistake is in more replicas \
         than the protocol tolerates. Write the component `{name}` anew, in one file, with a state \
         representation of its own, as unlike other implementations as the mandate says: all \
         versions must give equal effects and equal abstract states for equal inputs.\n\n\
         {}\n\n\
         ## First\n\n\
         Before any code, list everything in the task that can be read in more than one way, and say \
         for each which reading you take and why. If nothing is ambiguous, say so.\n\n",
        plain_links(&component.contract)
    )
}

/// What is asked of the version's own state.
fn state(text: &mut String, component: &Component) {
    let name = &component.path.component;
    let _ = writeln!(
        text,
        "## Task: the state\n\n\
         `pub struct {STATE}` is yours, with `Clone`. Contracts speak of the *abstract* state, \
         `model::{STATE}` below, as `state`: what they say of its fields and functions holds of what \
         `to_abstract` makes of yours. In `impl {STATE}` stand:\n\n\
         - `{}`: a state of yours for an abstract one;\n\
         - `{}`: the abstract state of yours, every field as contracts have it. \
         `to_abstract` of `from_abstract` of any abstract state that a contract allows is that state. \
         Nothing that only your state holds may have effects of its own: equal abstract states do \
         equal things from there on, however they came about;",
        CONVERSIONS[0], CONVERSIONS[1]
    );
    for member in &component.methods {
        let contract = plain_links(&member.contract).replace('\n', " ");
        let signature = member.written_signature.trim();
        // That a function is one at compile time is a matter of the state's representation.
        let signature = signature.replacen("pub const fn", "pub fn", 1);
        let _ = writeln!(text, "- `{signature}`: {contract}");
    }
    let _ = writeln!(
        text,
        "\nBeside it stand the functions of the tasks that follow: in `{name}` they are all that is \
         called from outside. `{STATE}` in their signatures is your own.\n\n\
         How your functions are judged: each upon many abstract states, of which `from_abstract` makes \
         yours and `to_abstract` the answer; in sequences of calls upon a state of yours that stays; and \
         in whole clusters, beside another implementation. Neither conversion counts as time. A call may \
         take twice as long as another implementation's and 0.2 ms beyond that, the mean call 0.02 ms: \
         indices that are worked out when they are asked for are in order, work that grows with the \
         square of the state is not.\n"
    );
}

/// Functions of the component to which contracts refer, and which are not there for a version.
fn inner(
    text: &mut String,
    project: &Project,
    sources: &Sources,
    component: &Component,
    from: Specification,
) {
    let folder = project.settings.protocol.join("src").join(&component.path.component);
    let in_folder = |item: &&Definition| {
        let path = &sources.files[item.file].path;
        let asked = component.exports().contains(&item.name.as_str());
        path.starts_with(&folder) && !path.ends_with(MODEL) && !asked
    };
    let mut shown = String::new();
    for item in sources.items.iter().filter(in_folder) {
        let doc = match &item.slot {
            None => item.doc.clone(),
            Some(_) => contract::shown(&item.doc, from),
        };
        for line in plain_links(&doc).lines() {
            let _ = writeln!(shown, "{}", format!("/// {line}").trim_end());
        }
        let _ = writeln!(shown, "{}\n", item.text);
    }
    let interface = folder.join(slot_syntax::component::INTERFACE);
    let held = sources
        .files
        .iter()
        .filter(|source| source.path.starts_with(&folder) && source.path != interface);
    for methods in held.flat_map(|source| &source.methods).filter(|held| held.name == STATE) {
        let _ = writeln!(shown, "{}\n", methods.text);
    }
    if !shown.is_empty() {
        let _ = writeln!(
            text,
            "## What contracts refer to\n\n\
             These are parts of the component as others have it. Contracts say by their names what is \
             to happen. None of them is there for you: what you need of them you write, in whatever \
             form.\n\n```rust\n{}\n```\n",
            shown.trim_end()
        );
    }
}
