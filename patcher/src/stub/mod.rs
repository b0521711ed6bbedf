//! The folder in which an author works: what versions compile against, and no body of any slot.
//!
//! It is a small workspace with the crates at the places where they stand in the project: the
//! protocol crate without bodies, its libraries as they are, and a family in which every slot that is
//! asked for is the protocol's until its version takes the file's place. Without `#[slot]` the
//! stub needs no macro.

mod bodiless;

use crate::error::{Error, Result};
use crate::files::{self, Tree};
use crate::inventory::Inventory;
use crate::lineage::{Specification, check_family};
use crate::manifest;
use crate::project::Project;
use crate::prompt::{PromptRequest, prompt};
use slot_syntax::{SlotPath, parse_file};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The manifest of a family's crate, but for its name and dependencies.
const FAMILY: &str = r#"[package]
name = "{family}"
description = "A family of versions; family.toml tells its lineage"
{inherited}
# A mandate forces shapes that style lints would rather not see; what bears on safety stays.
[lints.rust]
unsafe_code = "forbid"

# A draft is one file: what its head names may be private to it.
[lints.rustdoc]
private_intra_doc_links = "allow"

[lints.clippy]
all = { level = "allow", priority = -1 }
correctness = { level = "deny", priority = -1 }
disallowed_methods = "deny"
disallowed_types = "deny"
iter_over_hash_type = "deny"
unwrap_used = "deny"

[dependencies]
"#;

/// Writes the folder in which a family's author works, with `PROMPT.md` in it.
///
/// # Errors
///
/// Unknown slot or component; a name that cannot name a family; [`Error::NotEmpty`]; source that
/// cannot be read, or a folder that cannot be written.
pub fn write_stub(
    project: &Project,
    inventory: &Inventory,
    request: &PromptRequest<'_>,
    family: &str,
    folder: &Path,
) -> Result<()> {
    let tree = stub(project, inventory, request, family)?;
    files::create_folder(folder)?;
    let mut entries = std::fs::read_dir(folder).map_err(Error::io(folder))?;
    if entries.next().is_some() {
        return Err(Error::NotEmpty { folder: folder.to_owned() });
    }
    files::write_folder(folder, &tree)
}

/// All files of such a folder.
fn stub(
    project: &Project,
    inventory: &Inventory,
    request: &PromptRequest<'_>,
    family: &str,
) -> Result<Tree> {
    check_family(project, family).map_err(|reason| Error::Name { reason })?;
    let asked: Vec<SlotPath> = match request.whole {
        true => vec![inventory.path(request.name)?],
        false => {
            let slots = inventory.slots_named(request.name)?;
            slots.iter().map(|slot| slot.path.clone()).collect()
        }
    };
    let protocol = &project.settings.protocol;
    let crates = libraries(project)?;
    let mut tree = Tree::new();
    for (folder, table) in &crates {
        let mut table = manifest::copied(table);
        let mut absent = Vec::new();
        if let Some(given) = table.get_mut("dependencies").and_then(Value::as_table_mut) {
            given.retain(|name, _| {
                let ours = manifest::workspace_crate(project, name);
                let stays = ours.is_err() || ours.is_ok_and(|at| crates.contains_key(&at));
                absent.extend((!stays).then(|| name.replace('-', "_")));
                stays
            });
        }
        tree.insert(folder.join("Cargo.toml"), table.to_string().into_bytes());
        let source = project.root.join(folder).join("src");
        let files = if folder == protocol {
            bodiless_crate(&source, request.from, &absent)?
        } else {
            whole_crate(&source)?
        };
        tree.extend(files.into_iter().map(|(path, text)| (folder.join("src").join(path), text)));
    }
    let home = project.settings.variants.join(family);
    let library = project.protocol_library()?;
    for (path, text) in family_crate(project, inventory, (&asked, request), &library, family)? {
        tree.insert(home.join(path), text.into_bytes());
    }
    // Formatting and lints that hold for families, and the versions of what they depend on.
    for name in ["clippy.toml", "rustfmt.toml"] {
        let path = project.settings.variants.join(name);
        if project.root.join(&path).is_file() {
            tree.insert(path.clone(), files::read(&project.root.join(&path))?);
        }
    }
    let lock = project.root.join("Cargo.lock");
    if lock.is_file() {
        tree.insert(PathBuf::from("Cargo.lock"), files::read(&lock)?);
    }
    let root = root_manifest(project, &crates, &home);
    tree.insert(PathBuf::from("Cargo.toml"), root.to_string().into_bytes());
    let prompt = prompt(project, inventory, request)?;
    tree.insert(PathBuf::from("PROMPT.md"), (prompt + &working(&home, family)).into_bytes());
    Ok(tree)
}

/// How the folder is worked in, at the end of the prompt.
fn working(home: &Path, family: &str) -> String {
    format!(
        "\n## Where you work\n\nBeside this file: the crates named above, the protocol's without bodies, so that it \
         compiles and cannot be run, and your family's in `{}`, where each file stands for one slot, \
         or for the whole component, until you replace it. There\n\n```sh\ncargo check -p {family}\ncargo clippy -p {family}\n```\n\n\
         say whether versions compile. Fill in `family.toml`, and write what you found ambiguous to \
         `AMBIGUITIES.md` beside it.\n",
        home.display()
    )
}

/// The protocol crate and every library of the project that it needs, without macros: folder and
/// manifest.
fn libraries(project: &Project) -> Result<BTreeMap<PathBuf, Table>> {
    let mut found = BTreeMap::new();
    let mut open = vec![project.settings.protocol.clone()];
    while let Some(folder) = open.pop() {
        if found.contains_key(&folder) {
            continue;
        }
        let table = manifest::read_manifest(project, &folder)?;
        if !manifest::is_macro(&table) {
            open.extend(manifest::needed(project, &folder)?);
            found.insert(folder, table);
        }
    }
    Ok(found)
}

fn bodiless_crate(source: &Path, from: Specification, absent: &[String]) -> Result<Tree> {
    let mut tree = Tree::new();
    let mut without: Vec<PathBuf> = Vec::new();
    for file in slot_syntax::find::rust_files(source)? {
        let text = files::read_text(&file)?;
        let parsed = parse_file(&file, &text)?;
        let made = bodiless::bodiless(&text, &parsed, from, absent);
        proc_macro2::extra::invalidate_current_thread_spans();
        let place = file.strip_prefix(source).unwrap_or(&file);
        let name = place.file_name().unwrap_or_default();
        let root = name == "lib.rs" || name == "mod.rs";
        let below = if root { place.with_file_name("") } else { place.with_extension("") };
        without.extend(made.without.iter().map(|module| below.join(module)));
        let silent = if place == Path::new("lib.rs") {
            "#![allow(unused, unfulfilled_lint_expectations, private_interfaces)]\n"
        } else {
            ""
        };
        tree.insert(place.to_owned(), format!("{silent}{}", made.text).into_bytes());
    }
    tree.retain(|path, _| {
        !without.iter().any(|module| path.starts_with(module) || path.with_extension("") == *module)
    });
    Ok(tree)
}

fn whole_crate(source: &Path) -> Result<Tree> {
    let mut tree = Tree::new();
    for file in slot_syntax::find::rust_files(source)? {
        let place = file.strip_prefix(source).unwrap_or(&file);
        tree.insert(place.to_owned(), files::read(&file)?);
    }
    Ok(tree)
}

fn family_crate(
    project: &Project,
    inventory: &Inventory,
    (asked, request): (&[SlotPath], &PromptRequest<'_>),
    library: &str,
    family: &str,
) -> Result<BTreeMap<PathBuf, String>> {
    let mut made = BTreeMap::new();
    let mut components: BTreeMap<&str, String> = BTreeMap::new();
    for path in asked {
        let SlotPath { component, name } = path;
        let modules = components.entry(component).or_default();
        let _ = writeln!(modules, "pub mod {name};");
        let exported = match inventory.components.get(path) {
            Some(whole) => format!("{{{}}}", whole.exports().join(", ")),
            None => name.clone(),
        };
        let text = format!("//! To be written.\n\npub use {library}::{component}::{exported};\n");
        made.insert(Path::new("src").join(path.file()), text);
    }
    let mut lib =
        format!("//! Family {family}. `family.toml` says who wrote it and from what.\n\n");
    for (component, modules) in components {
        let _ = writeln!(lib, "pub mod {component};");
        let head = format!("//! Versions of the slots of `{component}`, one a file.\n\n");
        made.insert(Path::new("src").join(component).join("mod.rs"), head + &modules);
    }
    made.insert(PathBuf::from("src/lib.rs"), lib);
    let shared = manifest::workspace_table(project, "package");
    let inherited = ["version", "edition", "rust-version", "license", "publish"].iter();
    let inherited = inherited.filter(|key| shared.is_some_and(|table| table.contains_key(**key)));
    let inherited: String = inherited.map(|key| format!("{key}.workspace = true\n")).collect();
    let mut text = FAMILY.replace("{family}", family).replace("{inherited}", &inherited);
    let own = manifest::read_manifest(project, &project.settings.protocol)?;
    let macros = |name: &str| {
        let folder = manifest::workspace_crate(project, name).ok()?;
        manifest::read_manifest(project, &folder).ok().map(|table| manifest::is_macro(&table))
    };
    let given = own.get("dependencies").and_then(Value::as_table);
    let mut names: BTreeSet<&str> =
        given.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    // Crates of the project alone: what versions may name else, the prompt says.
    names.retain(|name| macros(name) == Some(false));
    names.insert(library);
    for name in names {
        let _ = writeln!(text, "{name}.workspace = true");
    }
    made.insert(PathBuf::from("Cargo.toml"), text);
    made.insert(PathBuf::from("family.toml"), lineage(request, family));
    Ok(made)
}

/// A lineage for the author to complete.
fn lineage(request: &PromptRequest<'_>, family: &str) -> String {
    let mandate = Value::String(request.mandate.unwrap_or_default().to_owned());
    let name = format!("{}{}", request.name, if request.whole { " --whole" } else { "" });
    let from = request.from;
    format!(
        "name = \"{family}\"\nauthor = \"{family}\"\nwritten-by = \"\"\nspecification = \"{from}\"\n\
         mandate = {mandate}\nseen = [\"the prompt that `patchy prompt {name} --from {from}` \
         prints\", \"the protocol's public items without bodies\"]\ndate = \"\"\n"
    )
}

/// The workspace of these crates and the family's, with what they name of the project's.
fn root_manifest(project: &Project, crates: &BTreeMap<PathBuf, Table>, home: &Path) -> Table {
    let mut workspace = Table::new();
    for key in ["resolver", "package"] {
        if let Some(value) = project.manifest.get("workspace").and_then(|table| table.get(key)) {
            workspace.insert(key.to_owned(), value.clone());
        }
    }
    let members = crates.keys().map(PathBuf::as_path).chain([home]);
    let members = members.map(|folder| Value::String(folder.to_string_lossy().into_owned()));
    workspace.insert("members".to_owned(), Value::Array(members.collect()));
    let tables = crates.values().filter_map(|table| table.get("dependencies")?.as_table());
    let named: BTreeSet<&String> = tables.flat_map(Table::keys).collect();
    let mut dependencies =
        manifest::workspace_table(project, "dependencies").cloned().unwrap_or_default();
    dependencies.retain(|name, value| match value.get("path").and_then(Value::as_str) {
        Some(path) => crates.contains_key(&manifest::normal(Path::new(path))),
        None => named.contains(&name.to_owned()),
    });
    workspace.insert("dependencies".to_owned(), dependencies.into());
    let mut root = Table::new();
    root.insert("workspace".to_owned(), workspace.into());
    root
}
