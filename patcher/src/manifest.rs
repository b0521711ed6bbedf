//! Cargo manifests as data: which crates a crate needs, and manifests for generated ones.

use crate::error::{Error, Result};
use crate::files;
use crate::project::{Project, damaged};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use toml::{Table, Value};

const DEPENDENCIES: [&str; 2] = ["dependencies", "build-dependencies"];

/// Keys of a manifest that a copied crate has no use for. Development dependencies would drag in
/// crates that are not copied, and lints are for the crate's authors.
const DROPPED: [&str; 8] =
    ["dev-dependencies", "lints", "test", "bench", "example", "badges", "profile", "workspace"];

/// Reads the manifest of the crate in a folder relative to the project.
pub(crate) fn read_manifest(project: &Project, folder: &Path) -> Result<Table> {
    let file = project.root.join(folder).join("Cargo.toml");
    let text = files::read_text(&file)?;
    toml::from_str(&text).map_err(|error| damaged(&file, &text, &error))
}

/// The folder, relative to the project, of a crate that the workspace's dependencies name.
///
/// # Errors
///
/// [`Error::Manifest`] if none is named so or it has no `path`.
pub(crate) fn workspace_crate(project: &Project, name: &str) -> Result<PathBuf> {
    let dependency = workspace_table(project, "dependencies").and_then(|table| table.get(name));
    let path = dependency.and_then(|dependency| dependency.get("path")).and_then(Value::as_str);
    path.map(|path| normal(Path::new(path))).ok_or_else(|| Error::Manifest {
        file: project.root.join("Cargo.toml"),
        line: 1,
        reason: format!("`[workspace.dependencies]` has no `{name}` with a `path`: add it"),
    })
}

pub(crate) fn workspace_table<'a>(project: &'a Project, key: &str) -> Option<&'a Table> {
    project.manifest.get("workspace")?.get(key)?.as_table()
}

/// The names, as Rust writes them, of the workspace's packages and of what they may depend on; those
/// of families are left out.
pub(crate) fn crate_names(project: &Project) -> BTreeSet<String> {
    let foreign = |folder: &Path| normal(folder).parent() != Some(&project.settings.variants);
    let members = project.manifest.get("workspace").and_then(|table| table.get("members"));
    let members = members.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let folders = members.flat_map(|member| match member.strip_suffix("/*") {
        Some(parent) => subfolders(project, Path::new(parent)),
        None => vec![PathBuf::from(member)],
    });
    // A folder without a manifest is no package.
    let manifests = folders
        .filter(|folder| foreign(folder))
        .filter_map(|folder| read_manifest(project, &folder).ok());
    let packages = manifests
        .filter_map(|manifest| Some(manifest.get("package")?.get("name")?.as_str()?.to_owned()));
    let shared = workspace_table(project, "dependencies").into_iter().flatten();
    let shared = shared.filter(|(_, about)| {
        about.get("path").and_then(Value::as_str).is_none_or(|path| foreign(Path::new(path)))
    });
    let names = packages.chain(shared.map(|(name, _)| name.clone()));
    names.map(|name| name.replace('-', "_")).collect()
}

fn subfolders(project: &Project, parent: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(project.root.join(parent)).into_iter().flatten().flatten();
    entries.map(|entry| parent.join(entry.file_name())).collect()
}

/// The folders of all crates of the project that the given ones need, themselves included.
pub(crate) fn closure(project: &Project, roots: &[PathBuf]) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut open: Vec<PathBuf> = roots.to_vec();
    while let Some(folder) = open.pop() {
        if found.insert(folder.clone()) {
            open.extend(needed(project, &folder)?);
        }
    }
    Ok(found)
}

/// The folders of the crates of the project that a crate's manifest names.
pub(crate) fn needed(project: &Project, folder: &Path) -> Result<Vec<PathBuf>> {
    let manifest = read_manifest(project, folder)?;
    let mut paths = Vec::new();
    for (name, dependency) in tables(&manifest).iter().flat_map(|table| table.iter()) {
        let of_workspace = dependency.get("workspace").and_then(Value::as_bool) == Some(true);
        let path = if of_workspace {
            let shared = workspace_table(project, "dependencies").and_then(|all| all.get(name));
            shared.and_then(|shared| shared.get("path")).and_then(Value::as_str).map(PathBuf::from)
        } else {
            dependency.get("path").and_then(Value::as_str).map(|path| folder.join(path))
        };
        paths.extend(path.map(|path| normal(&path)));
    }
    Ok(paths)
}

/// All tables of a manifest that list what the crate is built with.
fn tables(manifest: &Table) -> Vec<&Table> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let per_target = targets.into_iter().flat_map(|targets| targets.values());
    std::iter::once(manifest)
        .chain(per_target.filter_map(Value::as_table))
        .flat_map(|table| DEPENDENCIES.iter().filter_map(|key| table.get(*key)))
        .filter_map(Value::as_table)
        .collect()
}

/// The manifest of a crate copied to its own place in the generated workspace.
pub(crate) fn copied(manifest: &Table) -> Table {
    let mut manifest = manifest.clone();
    for key in DROPPED {
        manifest.remove(key);
    }
    if let Some(targets) = manifest.get_mut("target").and_then(Value::as_table_mut) {
        for (_, target) in targets.iter_mut() {
            target.as_table_mut().and_then(|table| table.remove("dev-dependencies"));
        }
    }
    manifest
}

/// The manifest of a protocol crate copied under another package name: its library keeps the name
/// by which versions call it.
pub(crate) fn composed(manifest: &Table, folder: &Path, name: &str) -> Table {
    let mut manifest = copied(manifest);
    let library = library_name(&manifest);
    let package = manifest.entry("package").or_insert_with(|| Value::Table(Table::new()));
    if let Some(package) = package.as_table_mut() {
        package.insert("name".to_owned(), Value::String(name.to_owned()));
    }
    let lib = manifest.entry("lib").or_insert_with(|| Value::Table(Table::new()));
    if let Some(lib) = lib.as_table_mut() {
        lib.insert("name".to_owned(), Value::String(library));
    }
    for key in DEPENDENCIES {
        if let Some(table) = manifest.get_mut(key).and_then(Value::as_table_mut) {
            move_paths(table, folder);
        }
    }
    manifest
}

/// Whether a crate is a macro.
pub(crate) fn is_macro(manifest: &Table) -> bool {
    let named = manifest.get("lib").and_then(|lib| lib.get("proc-macro"));
    named.and_then(Value::as_bool) == Some(true)
}

/// The name of a crate's library in source.
pub(crate) fn library_name(manifest: &Table) -> String {
    let named = |table: &str| manifest.get(table)?.get("name")?.as_str();
    named("lib").or_else(|| named("package")).unwrap_or_default().replace('-', "_")
}

/// Makes relative paths of a crate that stood in `folder` right for one in `compositions/x`.
fn move_paths(table: &mut Table, folder: &Path) {
    for (_, dependency) in table.iter_mut() {
        if let Some(path) = dependency.get("path").and_then(Value::as_str) {
            let moved = Path::new("../..").join(normal(&folder.join(path)));
            if let Some(dependency) = dependency.as_table_mut() {
                let moved = moved.to_string_lossy().into_owned();
                dependency.insert("path".to_owned(), Value::String(moved));
            }
        }
    }
}

/// A path without `.` and `..`.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if parts.file_name().is_some() => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts
}
