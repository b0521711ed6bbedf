//! What contracts and signatures were when what hangs on them was made.
//!
//! `equivalence/settled.json` has for every slot the hashes of its signature and its contract as they were
//! when somebody last settled what hangs on the slot. Where they are others today,
//! versions must be judged again or written again, and kept inputs, recorded calls and tables be made
//! again; where a slot is there no more, what is kept of it is nobody's. The file changes in one step,
//! after everything else.

mod found;
mod settle;

pub(crate) use found::{Found, Todo, found};
pub(crate) use settle::{Settling, settle};

use crate::commands::check::text;
use crate::exit::{Failure, Result};
use crate::ledger;
use patcher::{Inventory, Project, sha256};
use serde::{Deserialize, Serialize};
use slot_syntax::{Component, Slot};
use std::collections::BTreeMap;

/// Relative to the project.
const FILE: &str = "equivalence/settled.json";

/// Of the file.
const FORMAT: u32 = 1;

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settled {
    format: u32,
    /// By `component.slot`.
    pub(crate) slots: BTreeMap<String, Prints>,
    /// Versions that wait for their authors, by `family/component.slot`.
    pub(crate) waiting: BTreeMap<String, Waiting>,
}

/// What a slot asked for, or the interface of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prints {
    /// SHA-256 of the normal signature, the function's name left out; of a component, of all that it
    /// exports.
    signature: String,
    /// SHA-256 of the contract's text; of a component, its fingerprint, over its contracts and its
    /// abstract state.
    contract: String,
}

impl Prints {
    fn of(slot: &Slot) -> Self {
        let name = format!("fn {}", slot.path.name);
        let signature = slot.signature.strip_prefix(&name).unwrap_or(&slot.signature);
        Self { signature: sha256(signature.as_bytes()), contract: sha256(slot.contract.as_bytes()) }
    }

    fn of_component(component: &Component) -> Self {
        let members = component.methods.iter().chain(&component.functions);
        let slots = component.slots.iter().map(|slot| &slot.signature);
        let exported: Vec<&str> =
            members.map(|member| &member.signature).chain(slots).map(String::as_str).collect();
        let contract = component.fingerprint.clone();
        Self { signature: sha256(exported.join("\n").as_bytes()), contract }
    }

    /// Those of all function slots and component slots, by their names.
    fn of_all(inventory: &Inventory) -> BTreeMap<String, Self> {
        let slots = inventory.slots.iter().map(|(path, slot)| (path.to_string(), Self::of(slot)));
        let whole = inventory.components.iter();
        let whole =
            whole.map(|(path, component)| (path.to_string(), Self::of_component(component)));
        slots.chain(whole).collect()
    }
}

/// A version that its author must look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Waiting {
    /// SHA-256 of the text that is wrong; another one is another matter.
    pub(crate) sha256: String,
    pub(crate) why: String,
}

impl Settled {
    /// What was settled last; nothing, if nobody ever did.
    pub(crate) fn read(project: &Project) -> Result<Self> {
        let file = project.root.join(FILE);
        if !file.is_file() {
            return Ok(Self { format: FORMAT, slots: BTreeMap::new(), waiting: BTreeMap::new() });
        }
        let settled: Self = serde_json::from_str(&text(&file)?).map_err(|error| {
            Failure::usage(format!(
                "{FILE}:{}: {error}: the file is written by `patchy migrate --do` alone; put it back as it \
                 was",
                error.line()
            ))
        })?;
        if settled.format != FORMAT {
            return Err(Failure::usage(format!(
                "{FILE}: the format is {} and not {FORMAT}: this tool is older than the file",
                settled.format
            )));
        }
        Ok(settled)
    }

    pub(crate) fn write(&self, project: &Project) -> Result<()> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Failure::internal(format!("what is settled: {error}")))?;
        ledger::write(&project.root.join(FILE), &(text + "\n"))
    }

    /// Those who wait still: their texts are as they were.
    pub(crate) fn still_waiting(&self, inventory: &Inventory) -> BTreeMap<String, Waiting> {
        let is_there = |name: &str, waiting: &Waiting| {
            let mut versions = inventory.versions();
            versions.any(|version| version.name() == name && version.sha256 == waiting.sha256)
        };
        let waiting = self.waiting.iter().filter(|(name, waiting)| is_there(name, waiting));
        waiting.map(|(name, waiting)| (name.clone(), waiting.clone())).collect()
    }
}

/// How a slot is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nobody knew it.
    New,
    /// The words of its contract are others.
    Contract,
    /// It takes or returns other types.
    Signature,
    /// It asks for the same under another name.
    Renamed(String),
    /// It is not there any more.
    Gone,
}

impl Change {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Contract => "contract",
            Self::Signature => "signature",
            Self::Renamed(_) => "renamed",
            Self::Gone => "gone",
        }
    }
}

/// The slots that are not what they were, by the names that they had; component slots stand among them.
pub(crate) fn changes(settled: &Settled, inventory: &Inventory) -> BTreeMap<String, Change> {
    let today = Prints::of_all(inventory);
    let is_new = |name: &&String| !settled.slots.contains_key(*name);
    let of_known = settled.slots.iter().filter_map(|(name, was)| {
        let change = match today.get(name) {
            Some(now) if now == was => return None,
            Some(now) if now.signature == was.signature => Change::Contract,
            Some(_) => Change::Signature,
            None => {
                let mut same = today.iter().filter(|(other, now)| is_new(other) && *now == was);
                match (same.next(), same.next()) {
                    (Some((other, _)), None) => Change::Renamed(other.clone()),
                    _ => Change::Gone,
                }
            }
        };
        Some((name.clone(), change))
    });
    let new = today.keys().filter(is_new).map(|name| (name.clone(), Change::New));
    of_known.chain(new).collect()
}
