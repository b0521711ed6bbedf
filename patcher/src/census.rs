//! Counting: lines of slots, versions of each, and how much each family wrote anew.

use crate::error::Result;
use crate::files;
use crate::inventory::{Inventory, REFERENCE, VersionFile};
use crate::project::Project;
use crate::similarity::token_ratio;
use serde::Serialize;
use slot_syntax::normal::normal_tokens;
use slot_syntax::{Shape, Slot, SlotPath, code_lines};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A version counts as written anew if it is less like every other family's than this.
pub const ANEW_BELOW: f64 = 0.6;

/// What there is of slots and versions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Census {
    /// One entry a slot, component slots last.
    pub slots: Vec<SlotCount>,
    /// Lines of code of the files that the project counts as the protocol.
    pub protocol_lines: usize,
    /// Lines of code of all slots, helpers included; each line once, though it is a function slot's and
    /// its component's.
    pub slotted_lines: usize,
    /// What each family wrote.
    pub families: BTreeMap<String, FamilyCount>,
}

/// One slot, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SlotCount {
    /// `component.slot`, or `component`.
    pub slot: String,
    /// The component.
    pub component: String,
    /// `handler` or `pure`; `module` for a component.
    pub shape: String,
    /// `function`: one function on the reference's state type; `component`: all of a component but the
    /// abstract state.
    pub size: String,
    /// Lines of code, without comments, blank lines and imports.
    pub lines: usize,
    /// Families that have a version of it.
    pub versions: Vec<String>,
}

/// One family, counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FamilyCount {
    /// How many slots it wrote anew: its version is accepted, and like no other family's.
    pub slots: usize,
    /// How many slots it has accepted versions of, anew or not.
    pub accepted: usize,
    /// Lines of code of the reference's slots that it wrote anew, in percent of the protocol's.
    pub reimplemented_percent: f64,
    /// Lines of code of the reference's slots that it wrote anew.
    pub reimplemented_lines: usize,
    /// The largest likeness to any other family's version, by slot, in percent.
    pub most_alike_percent: BTreeMap<String, f64>,
}

/// Counts a project. `accepted` says which versions the bench let in: the others count nowhere.
///
/// # Errors
///
/// A counted file cannot be read.
pub fn census(
    project: &Project,
    inventory: &Inventory,
    accepted: &dyn Fn(&VersionFile) -> bool,
) -> Result<Census> {
    let functions = inventory.slots.values();
    let functions = functions.map(|slot| (&slot.path, slot_lines(inventory, slot)));
    let components = inventory.components.keys();
    let components = components.map(|path| (path, component_lines(inventory, path)));
    let lines: BTreeMap<&SlotPath, usize> = functions.chain(components).collect();
    let protocol_lines = protocol_lines(project)?;
    let likeness = likeness(inventory, accepted);
    let families = inventory.families.iter().filter(|(_, family)| !family.lineage.planted);
    let families = families.map(|(name, family)| {
        let versions = family.versions.values().filter(|version| counts(version, accepted));
        let own: BTreeMap<&SlotPath, f64> = versions
            .map(|version| (&version.slot, likeness[&(name.as_str(), &version.slot)]))
            .collect();
        let anew = own.iter().filter(|(_, ratio)| **ratio < ANEW_BELOW);
        let anew: BTreeSet<&SlotPath> = anew.map(|(slot, _)| *slot).collect();
        let reimplemented_lines = once(&anew, &lines);
        let count = FamilyCount {
            slots: anew.len(),
            accepted: own.len(),
            reimplemented_percent: percent(reimplemented_lines, protocol_lines),
            reimplemented_lines,
            most_alike_percent: own
                .iter()
                .map(|(slot, ratio)| (slot.to_string(), (ratio * 1000.0).round() / 10.0))
                .collect(),
        };
        (name.clone(), count)
    });
    Ok(Census {
        slots: slots(inventory, &lines),
        protocol_lines,
        slotted_lines: once(&lines.keys().copied().collect(), &lines),
        families: families.collect(),
    })
}

/// The lines of some slots, each once: a component's are its slots' too.
fn once(slots: &BTreeSet<&SlotPath>, lines: &BTreeMap<&SlotPath, usize>) -> usize {
    let within = |path: &SlotPath| {
        !path.is_component() && slots.contains(&SlotPath::of_component(&*path.component))
    };
    slots.iter().filter(|path| !within(path)).map(|path| lines[*path]).sum()
}

/// Lines of code of a component, its abstract state left out.
#[must_use]
pub fn component_lines(inventory: &Inventory, component: &SlotPath) -> usize {
    let parts = inventory.parts.get(component).into_iter().flat_map(BTreeMap::values);
    parts.map(|text| code_lines(text)).sum()
}

/// Lines of code of a slot: of its file, where it has one to itself, else of its function.
#[must_use]
pub fn slot_lines(inventory: &Inventory, slot: &Slot) -> usize {
    code_lines(own_text(inventory, slot))
}

/// The reference's own text of a slot: its file, where it has one to itself, else its function.
#[must_use]
pub fn own_text<'a>(inventory: &'a Inventory, slot: &Slot) -> &'a str {
    let text = inventory.texts[&slot.path].as_str();
    let alone = inventory.slots.values().filter(|other| other.file == slot.file).count() == 1;
    if alone && slot.file == Path::new(&slot.path.file()) {
        text
    } else {
        text.get(slot.bytes.clone()).unwrap_or_default()
    }
}

fn slots(inventory: &Inventory, lines: &BTreeMap<&SlotPath, usize>) -> Vec<SlotCount> {
    let functions = inventory.slots.values().map(|slot| {
        let shape = match slot.shape {
            Shape::Handler => "handler",
            Shape::Pure => "pure",
        };
        count(inventory, &slot.path, (shape, "function"), lines[&slot.path])
    });
    let components = inventory.components.keys();
    let components =
        components.map(|path| count(inventory, path, ("module", "component"), lines[path]));
    functions.chain(components).collect()
}

fn count(
    inventory: &Inventory,
    path: &SlotPath,
    (shape, size): (&str, &str),
    lines: usize,
) -> SlotCount {
    let has = |family: &&str| inventory.families[*family].versions.contains_key(path);
    SlotCount {
        slot: path.to_string(),
        component: path.component.clone(),
        shape: shape.to_owned(),
        size: size.to_owned(),
        lines,
        versions: inventory
            .families
            .keys()
            .map(String::as_str)
            .filter(has)
            .map(str::to_owned)
            .collect(),
    }
}

fn counts(version: &VersionFile, accepted: &dyn Fn(&VersionFile) -> bool) -> bool {
    version.fit.is_ok() && accepted(version)
}

/// The normal tokens of the reference's and all accepted versions of a slot, by family.
fn texts<'a>(
    inventory: &'a Inventory,
    path: &SlotPath,
    accepted: &dyn Fn(&VersionFile) -> bool,
) -> Vec<(&'a str, Vec<String>)> {
    let reference = match inventory.slots.get(path) {
        Some(slot) => normal_tokens(own_text(inventory, slot)),
        None => {
            let parts = inventory.parts.get(path).into_iter().flat_map(BTreeMap::values);
            parts.flat_map(|text| normal_tokens(text)).collect()
        }
    };
    let mut texts = vec![(REFERENCE, reference)];
    for (name, family) in inventory.families.iter().filter(|(_, f)| !f.lineage.planted) {
        let version = family.versions.get(path).filter(|version| counts(version, accepted));
        texts.extend(version.map(|version| (name.as_str(), normal_tokens(&version.text))));
    }
    texts
}

/// For each family and slot: the largest likeness to any other's version.
fn likeness<'a>(
    inventory: &'a Inventory,
    accepted: &dyn Fn(&VersionFile) -> bool,
) -> BTreeMap<(&'a str, &'a SlotPath), f64> {
    let mut most: BTreeMap<(&str, &SlotPath), f64> = BTreeMap::new();
    for path in inventory.slots.keys().chain(inventory.components.keys()) {
        let texts = texts(inventory, path, accepted);
        for (index, (left, tokens)) in texts.iter().enumerate() {
            for (right, others) in texts.iter().skip(index + 1) {
                let ratio = token_ratio(tokens, others);
                for family in [left, right] {
                    let known = most.entry((family, path)).or_default();
                    *known = known.max(ratio);
                }
            }
        }
    }
    most
}

/// Lines of code of the files and folders that the project counts as its protocol.
///
/// # Errors
///
/// A counted file cannot be read.
pub fn protocol_lines(project: &Project) -> Result<usize> {
    let settings = &project.settings;
    let whole = vec![settings.protocol.join("src")];
    let counted =
        if settings.protocol_lines.is_empty() { &whole } else { &settings.protocol_lines };
    let mut lines = 0;
    for path in counted.iter().map(|path| project.root.join(path)) {
        let files = if path.is_dir() { slot_syntax::find::rust_files(&path)? } else { vec![path] };
        for file in files {
            lines += code_lines(&files::read_text(&file)?);
        }
    }
    Ok(lines)
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { (1000.0 * part as f64 / whole as f64).round() / 10.0 }
}
