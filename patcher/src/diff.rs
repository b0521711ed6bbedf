//! What a composition changes against the reference, for people to read.

use crate::census::{component_lines, slot_lines};
use crate::check::choice;
use crate::inventory::{Inventory, VersionFile};
use crate::plan::ReplicaPlan;
use crate::project::Project;
use similar::TextDiff;
use slot_syntax::{Slot, code_lines};
use std::fmt::Write as _;

/// A unified diff for each slot, and each component taken as a whole, in which a replica has another
/// version than the reference's.
///
/// The old side is the slot's function as the reference has it, or all files of the component but its
/// abstract state, the new side the version's file.
/// A line in front of each says slot, family and lines of code.
#[must_use]
pub fn diff(project: &Project, inventory: &Inventory, replica: &ReplicaPlan) -> String {
    let mut text = String::new();
    for slot in inventory.slots.values() {
        let version = choice(inventory, replica, &slot.path);
        if let Some(version) = version.filter(|version| !version.slot.is_component()) {
            text.push_str(&diff_version(project, inventory, slot, version));
        }
    }
    for component in inventory.components.keys() {
        if let Some(version) = choice(inventory, replica, component) {
            text.push_str(&diff_component(project, inventory, version));
        }
    }
    text
}

/// The diff of one version of a whole component.
fn diff_component(project: &Project, inventory: &Inventory, version: &VersionFile) -> String {
    let component = &version.slot;
    let parts = inventory.parts.get(component).into_iter().flatten();
    let source = project.settings.protocol.join("src");
    let reference: String = parts
        .map(|(file, text)| format!("// ---- {} ----\n{text}", source.join(file).display()))
        .collect();
    let lines = (component_lines(inventory, component), code_lines(&version.text));
    let (family, (before, after)) = (&version.family, lines);
    let mut text = format!("component {component} family {family} lines {before} -> {after}\n");
    let old = source.join(&component.component).display().to_string();
    let new = version.file.display().to_string();
    let changes = TextDiff::from_lines(reference.as_str(), version.text.as_str());
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{}", changes.unified_diff().context_radius(3).header(&old, &new));
    text
}

/// The diff of one version against its slot's function.
#[must_use]
pub fn diff_version(
    project: &Project,
    inventory: &Inventory,
    slot: &Slot,
    version: &VersionFile,
) -> String {
    let reference = inventory.texts[&slot.path].get(slot.bytes.clone()).unwrap_or_default();
    let file = project.settings.protocol.join("src").join(&slot.file);
    let (first, last) = slot.lines;
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = writeln!(
        text,
        "slot {} family {} lines {} -> {}",
        slot.path,
        version.family,
        slot_lines(inventory, slot),
        code_lines(&version.text)
    );
    let old = format!("{}:{first}-{last}", file.display());
    let new = version.file.display().to_string();
    let reference = format!("{reference}\n");
    let changes = TextDiff::from_lines(reference.as_str(), version.text.as_str());
    let _ = writeln!(text, "{}", changes.unified_diff().context_radius(3).header(&old, &new));
    text
}
