//! Putting a version into its family, and making the family where there is none.

use crate::error::{Error, Result};
use crate::files;
use crate::inventory::{Inventory, version_path};
use crate::lineage::{Lineage, check_family};
use crate::manifest;
use crate::project::Project;
use slot_syntax::SlotPath;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Where a version was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its file, relative to the project.
    pub file: PathBuf,
    /// Whether the family was made for it.
    pub new_family: bool,
    /// Whether the workspace's `members` have the family's crate.
    pub is_member: bool,
}

/// Puts a version's text into its family's crate, in place of one that stands there. The crate is
/// made if there is none, with this lineage; else its own lineage stays as it is. Nothing is judged
/// here.
///
/// Each step leaves crates that compile, and what is named last is what makes a family or a module be
/// seen. Done again after an interruption, it does what is left.
///
/// # Errors
///
/// A name that cannot be a family's, and files that cannot be read or written.
pub fn keep_version(
    project: &Project,
    inventory: &Inventory,
    lineage: &Lineage,
    slot: &SlotPath,
    text: &str,
) -> Result<Kept> {
    let name = lineage.name.as_str();
    let folder = project.settings.variants.join(name);
    let root = project.root.join(&folder);
    let new_family = !inventory.families.contains_key(name);
    let family = root.join("family.toml");
    if new_family {
        check_family(project, name).map_err(|reason| Error::Manifest {
            file: family.clone(),
            line: 1,
            reason,
        })?;
    }
    let file = version_path(project, name, slot);
    files::replace(&project.root.join(&file), text.as_bytes(), 0o644)?;
    let component = &slot.component;
    let module = root.join("src").join(component).join("mod.rs");
    let about = format!("//! Versions of the slots of `{component}`, one a file.\n\n");
    add_module(&module, &slot.name, &about)?;
    let about = format!("//! Family {name}; `family.toml` says who wrote it and from what.\n\n");
    add_module(&root.join("src/lib.rs"), component, &about)?;
    let manifest = root.join("Cargo.toml");
    if !manifest.is_file() {
        files::replace(&manifest, family_manifest(project, name)?.as_bytes(), 0o644)?;
    }
    if new_family {
        files::replace(&family, text_of(lineage, &family)?.as_bytes(), 0o644)?;
    }
    Ok(Kept { file, new_family, is_member: is_member(project, &folder) })
}

/// What bears on safety is refused; a mandate forces shapes that style lints would rather not see.
const LINTS: &str = "\
[lints.rust]
unsafe_code = \"forbid\"

[lints.rustdoc]
private_intra_doc_links = \"allow\"

[lints.clippy]
all = { level = \"allow\", priority = -1 }
correctness = { level = \"deny\", priority = -1 }
";

fn text_of(lineage: &Lineage, file: &Path) -> Result<String> {
    toml::to_string(lineage).map_err(|error| Error::Manifest {
        file: file.to_owned(),
        line: 1,
        reason: error.to_string(),
    })
}

/// The manifest of a family's crate: what the workspace gives to all packages, and the protocol
/// crate with whatever that depends on.
fn family_manifest(project: &Project, name: &str) -> Result<String> {
    let protocol = manifest::read_manifest(project, &project.settings.protocol)?;
    let library = manifest::library_name(&protocol);
    let workspace = project.manifest.get("workspace").and_then(Value::as_table);
    let inherited = workspace.and_then(|table| table.get("package")).and_then(Value::as_table);
    let mut text = format!(
        "[package]\nname = \"{name}\"\n\
         description = \"A family of versions; family.toml tells its lineage\"\n"
    );
    for key in inherited.into_iter().flat_map(Table::keys) {
        text.push_str(&format!("{key}.workspace = true\n"));
    }
    text.push_str(&format!("\n{LINTS}\n[dependencies]\n{library}.workspace = true\n"));
    let dependencies = protocol.get("dependencies").and_then(Value::as_table);
    for dependency in dependencies.into_iter().flat_map(Table::keys) {
        text.push_str(&format!("{dependency}.workspace = true\n"));
    }
    Ok(text)
}

/// Whether a folder is among the workspace's members, by name or by a `*` in its place.
fn is_member(project: &Project, folder: &Path) -> bool {
    let workspace = project.manifest.get("workspace").and_then(Value::as_table);
    let members = workspace.and_then(|table| table.get("members")).and_then(Value::as_array);
    members.into_iter().flatten().filter_map(Value::as_str).map(Path::new).any(|member| {
        let all = member.ends_with("*") && member.parent() == folder.parent();
        all || member == folder
    })
}

/// Has a file declare a module; a file that is not there is made, beginning with `about`.
fn add_module(file: &Path, name: &str, about: &str) -> Result<()> {
    let text = if file.is_file() { files::read_text(file)? } else { about.to_owned() };
    let with = with_module(&text, name);
    if file.is_file() && with == text {
        return Ok(());
    }
    files::replace(file, with.as_bytes(), 0o644)
}

/// A module's text with one more `pub mod`, in order of names where they are in order.
fn with_module(text: &str, name: &str) -> String {
    let declared = |line: &str| {
        let line = line.trim();
        let rest = line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod ")?;
        rest.strip_suffix(';').map(str::to_owned)
    };
    let lines: Vec<&str> = text.lines().collect();
    let modules: Vec<(usize, String)> = lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| declared(line).map(|module| (at, module)))
        .collect();
    if modules.iter().any(|(_, module)| module == name) {
        return text.to_owned();
    }
    let before = modules.iter().find(|(_, module)| module.as_str() > name).map(|(at, _)| *at);
    let behind = modules.last().map(|(at, _)| at + 1);
    let at = before.or(behind).unwrap_or(lines.len());
    let line = format!("pub mod {name};");
    let mut all = lines;
    all.insert(at, &line);
    all.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::with_module;

    #[test]
    fn a_module_stands_in_order_and_once() {
        let text = "//! Doc.\n\npub mod alpha;\npub mod gamma;\n";
        let more = with_module(text, "beta");
        assert_eq!(more, "//! Doc.\n\npub mod alpha;\npub mod beta;\npub mod gamma;\n");
        assert_eq!(with_module(&more, "beta"), more);
        let last = with_module(&more, "zeta");
        assert!(last.ends_with("pub mod gamma;\npub mod zeta;\n"), "{last}");
        assert_eq!(with_module("//! Doc.\n\n", "alpha"), "//! Doc.\n\npub mod alpha;\n");
        let private = "mod alpha;\n\npub use alpha::alpha;\n";
        assert_eq!(with_module(private, "alpha"), private);
        assert_eq!(with_module(private, "b"), "mod alpha;\npub mod b;\n\npub use alpha::alpha;\n");
    }
}
