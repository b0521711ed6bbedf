//! Composing: the files of a protocol crate in which versions stand in their slots.
//!
//! The crate is a copy of the reference under another package name. Each version goes in
//! unedited as a module of its own, and the slot's function, attributes and doc comment included,
//! becomes a re-export of the version's. Where a component is taken as a whole, its module becomes a
//! re-export of the version's interface and keeps the abstract state; its other files go. All other
//! bytes stay as they are, but for two items at the end of `lib.rs`: the modules of the versions, and
//! the crate's name for itself, by which versions call it.

use crate::check::{choice, providers};
use crate::error::{Error, Result};
use crate::files::{self, Tree};
use crate::inventory::{Inventory, REFERENCE, VersionFile};
use crate::manifest;
use crate::plan::{Compiler, ReplicaPlan};
use crate::project::Project;
use serde::Serialize;
use slot_syntax::component::{MODEL, STATE};
use slot_syntax::{COMPONENT, Component, Slot, SlotPath};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What a composed artefact is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A program: the machine in its host, with sockets and disk.
    Replica,
    /// A shared library: the machine behind the boundary crate's interface.
    Library,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Replica => "replica",
            Self::Library => "library",
        }
    }

    /// The crate of the workspace that the artefact is made with.
    pub(crate) fn partner(self, project: &Project) -> &str {
        match self {
            Self::Replica => &project.settings.host,
            Self::Library => &project.settings.boundary,
        }
    }
}

/// Folders of a crate that play no part in its library.
pub(crate) const LEFT_OUT: [&str; 5] = ["target", "tests", "benches", "examples", "testdata"];

/// Everything that decides about one artefact, and the hash over it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composition {
    /// SHA-256, in hex, over the sources of all slots, the crates shared, the lock file, the
    /// toolchain and the compiler's choices.
    pub hash: String,
    /// Program or library.
    pub kind: Kind,
    /// What is embedded in the artefact, as JSON.
    pub provenance: String,
    /// How it is compiled.
    pub compiler: Compiler,
    /// What the program stands on beside the versions, by what is provided; nothing for a library.
    pub providers: BTreeMap<String, String>,
    /// Features of the host's crate that the providers need.
    pub features: BTreeSet<String>,
    /// The version in each slot.
    pub slots: BTreeMap<SlotPath, Choice>,
    /// Files of the composed protocol crate, without its manifest.
    pub(crate) source: Tree,
}

/// Which version stands in a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Its family.
    pub family: String,
    /// Its file, relative to the project.
    pub file: PathBuf,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
}

/// What all compositions of a project have in common, read once.
pub(crate) struct Base {
    pub(crate) toolchain: String,
    /// The protocol crate's files.
    pub(crate) protocol: Tree,
    pub(crate) protocol_manifest: toml::Table,
    /// The crates that composed crates need, by folder.
    pub(crate) shared: BTreeMap<PathBuf, Tree>,
    pub(crate) lock: Vec<u8>,
}

impl Base {
    /// Reads everything that a composition can depend on. `partners` are crates of the workspace
    /// that generated crates name.
    pub(crate) fn read(project: &Project, toolchain: String, partners: &[&str]) -> Result<Self> {
        let protocol = &project.settings.protocol;
        let mut roots = vec![protocol.clone()];
        for partner in partners {
            roots.push(manifest::workspace_crate(project, partner)?);
        }
        let mut shared = BTreeMap::new();
        for folder in manifest::closure(project, &roots)? {
            let tree = files::read_folder(&project.root.join(&folder), &LEFT_OUT)?;
            shared.insert(folder, tree);
        }
        let lock = project.root.join("Cargo.lock");
        Ok(Self {
            toolchain,
            protocol: shared.get(protocol).cloned().unwrap_or_default(),
            protocol_manifest: manifest::read_manifest(project, protocol)?,
            shared,
            lock: if lock.is_file() { files::read(&lock)? } else { Vec::new() },
        })
    }

    /// A hash over the shared part, to which each artefact adds its own.
    pub(crate) fn hasher(&self, project: &Project) -> Hasher {
        let mut hasher = Hasher::default();
        hasher.part("patchy", b"1");
        hasher.part("toolchain", self.toolchain.as_bytes());
        hasher.part("lock", &self.lock);
        hasher.part("rustflags", format!("{:?}", project.rustflags()).as_bytes());
        hasher.part("workspace", root_tables(project).to_string().as_bytes());
        for (folder, tree) in &self.shared {
            if *folder != project.settings.protocol {
                hasher.tree(&folder.to_string_lossy(), tree);
            }
        }
        hasher.part("manifest", manifest::copied(&self.protocol_manifest).to_string().as_bytes());
        hasher
    }
}

/// The tables of the root manifest that generated workspaces keep.
pub(crate) fn root_tables(project: &Project) -> toml::Table {
    let mut root = toml::Table::new();
    let mut workspace = toml::Table::new();
    for key in ["resolver", "package", "dependencies"] {
        if let Some(value) = project.manifest.get("workspace").and_then(|table| table.get(key)) {
            workspace.insert(key.to_owned(), value.clone());
        }
    }
    root.insert("workspace".to_owned(), workspace.into());
    for key in ["profile", "patch", "replace"] {
        if let Some(value) = project.manifest.get(key) {
            root.insert(key.to_owned(), value.clone());
        }
    }
    root
}

/// Hashes named parts so that no two lists of parts look alike.
#[derive(Default)]
pub(crate) struct Hasher(Vec<String>);

impl Hasher {
    pub(crate) fn part(&mut self, name: &str, bytes: &[u8]) {
        self.0.push(format!("{name}\0{}", files::sha256(bytes)));
    }

    pub(crate) fn tree(&mut self, name: &str, tree: &Tree) {
        for (path, content) in tree {
            self.part(&format!("{name}/{}", path.to_string_lossy()), content);
        }
    }

    pub(crate) fn finish(&self) -> String {
        files::sha256(self.0.join("\n").as_bytes())
    }
}

/// SHA-256, in hex, over crates that the workspace's dependencies name, with all of the project
/// that they need: sources, the protocol crate, the lock file and the root manifest's tables. The
/// toolchain is no part of it. Names that the workspace does not know count as nothing.
///
/// # Errors
///
/// Files that cannot be read.
pub fn crates_hash(project: &Project, names: &[&str]) -> Result<String> {
    let known = names.iter().copied();
    let known: Vec<&str> =
        known.filter(|name| manifest::workspace_crate(project, name).is_ok()).collect();
    let base = Base::read(project, String::new(), &known)?;
    let mut hasher = base.hasher(project);
    hasher.tree("protocol", &base.protocol);
    Ok(hasher.finish())
}

/// The files of the protocol crate as composed for one replica, relative to the crate, without its
/// manifest.
///
/// # Errors
///
/// Files that cannot be read.
pub fn composed_source(
    project: &Project,
    inventory: &Inventory,
    replica: &ReplicaPlan,
) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let base = Base::read(project, String::new(), &[])?;
    Ok(compose(project, inventory, &base, Kind::Library, replica)?.source)
}

/// Composes one replica.
pub(crate) fn compose(
    project: &Project,
    inventory: &Inventory,
    base: &Base,
    kind: Kind,
    replica: &ReplicaPlan,
) -> Result<Composition> {
    let library = manifest::library_name(&base.protocol_manifest);
    let mut slots = BTreeMap::new();
    let mut versions = Vec::new();
    for slot in inventory.slots.values() {
        let version = choice(inventory, replica, &slot.path);
        slots.insert(slot.path.clone(), describe(project, inventory, slot, version));
        let alone = version.filter(|version| !version.slot.is_component());
        versions.extend(alone.map(|version| (slot, version)));
    }
    let components = inventory.components.values().filter_map(|component| {
        choice(inventory, replica, &component.path).map(|version| (component, version))
    });
    let components: Vec<(&Component, &VersionFile)> = components.collect();
    let source = splice(&base.protocol, &library, &versions, &components)?;
    let providers = match kind {
        Kind::Replica => providers(inventory, replica),
        Kind::Library => BTreeMap::new(),
    };
    let features = features(project, &providers);
    let mut hasher = base.hasher(project);
    hasher.tree("source", &source);
    hasher.part("kind", kind.name().as_bytes());
    hasher.part("main", main_text(project, kind, &library, &providers, "").as_bytes());
    hasher.part("features", format!("{features:?}").as_bytes());
    hasher.part("compiler", format!("{:?}", replica.compiler).as_bytes());
    let hash = hasher.finish();
    let provenance = Provenance {
        format: 1,
        composition: &hash,
        kind,
        slots: slots.iter().map(|(path, choice)| (path.to_string(), choice)).collect(),
        providers: &providers,
        toolchain: base.toolchain.lines().collect(),
        compiler: &replica.compiler,
    };
    // Texts, numbers and maps with text keys only: this cannot fail.
    let provenance = serde_json::to_string(&provenance).unwrap_or_default();
    let compiler = replica.compiler.clone();
    Ok(Composition { hash, kind, provenance, compiler, providers, features, slots, source })
}

/// The features of the host's crate that these providers need.
fn features(project: &Project, providers: &BTreeMap<String, String>) -> BTreeSet<String> {
    let of = |(what, name): (&String, &String)| {
        project.settings.providers.get(what).and_then(|known| known.features.get(name))
    };
    providers.iter().filter_map(of).flatten().cloned().collect()
}

#[derive(Serialize)]
struct Provenance<'a> {
    format: u32,
    composition: &'a str,
    kind: Kind,
    slots: BTreeMap<String, &'a Choice>,
    providers: &'a BTreeMap<String, String>,
    toolchain: Vec<&'a str>,
    compiler: &'a Compiler,
}

fn describe(
    project: &Project,
    inventory: &Inventory,
    slot: &Slot,
    version: Option<&VersionFile>,
) -> Choice {
    match version {
        Some(version) => Choice {
            family: version.family.clone(),
            file: version.file.clone(),
            sha256: version.sha256.clone(),
        },
        None => Choice {
            family: REFERENCE.to_owned(),
            file: project.settings.protocol.join("src").join(&slot.file),
            sha256: files::sha256(inventory.texts[&slot.path].as_bytes()),
        },
    }
}

/// Puts versions into their slots, and into the place of whole components, in a copy of a crate's
/// files.
pub(crate) fn splice(
    protocol: &Tree,
    library: &str,
    versions: &[(&Slot, &VersionFile)],
    components: &[(&Component, &VersionFile)],
) -> Result<Tree> {
    let mut source = protocol.clone();
    source.remove(Path::new("Cargo.toml"));
    if versions.is_empty() && components.is_empty() {
        return Ok(source);
    }
    for (component, version) in components {
        replace(&mut source, component, version);
    }
    // From the end of each file to its start, so that byte ranges found earlier stay true.
    let mut ordered = versions.to_vec();
    ordered.sort_by_key(|(slot, _)| std::cmp::Reverse(slot.bytes.start));
    for (slot, version) in ordered {
        let path = Path::new("src").join(&slot.file);
        let content = source.get_mut(&path).filter(|content| slot.bytes.end <= content.len());
        let Some(content) = content else {
            return Err(Error::UnknownSlot { name: slot.path.to_string(), known: Vec::new() });
        };
        let SlotPath { component, name } = &slot.path;
        let export =
            format!("pub use crate::versions::{}::{component}::{name}::{name};", version.family);
        content.splice(slot.bytes.clone(), export.into_bytes());
    }
    let wholes = components.iter().map(|(_, version)| *version);
    let list: Vec<&VersionFile> =
        versions.iter().map(|(_, version)| *version).chain(wholes).collect();
    source.extend(version_modules(&list));
    let root = source.entry(PathBuf::from("src/lib.rs")).or_default();
    let named = String::from_utf8_lossy(root).contains("extern crate self as");
    root.extend_from_slice(b"\nmod versions;\n");
    if !named {
        root.extend_from_slice(format!("extern crate self as {library};\n").as_bytes());
    }
    Ok(source)
}

/// Puts a version in the place of a component: of the component's files the abstract state stays.
fn replace(source: &mut Tree, component: &Component, version: &VersionFile) {
    for file in component.files.iter().filter(|file| !file.ends_with(MODEL)) {
        source.remove(&Path::new("src").join(file));
    }
    let name = &component.path.component;
    let family = &version.family;
    let mut exports = component.exports();
    let interface = exports.join(", ");
    // Where others look at the abstract state, it is the one that the module's `State` names.
    exports.retain(|name| !component.is_shown || *name != STATE);
    let exports = exports.join(", ");
    let text = format!(
        "//! `{name}` as the family `{family}` wrote it, and the abstract state that all share.\n\n\
         pub mod model;\n\n\
         /// What the rest of the crate uses.\n\
         pub mod interface {{\n    \
         pub use crate::versions::{family}::{name}::{COMPONENT}::{{{interface}}};\n\
         }}\n\n\
         pub use interface::{{{exports}}};\n\
         pub use model::*;\n"
    );
    source.insert(Path::new("src").join(name).join("mod.rs"), text.into_bytes());
}

/// The files of `src/versions`: the versions' texts and the modules above them.
pub(crate) fn version_modules(versions: &[&VersionFile]) -> Tree {
    let mut tree = Tree::new();
    let mut modules: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    for version in versions {
        let SlotPath { component, name } = &version.slot;
        let root = PathBuf::from("src/versions");
        let family = root.join(&version.family);
        let folder = family.join(component);
        modules.entry(root).or_default().push(version.family.clone());
        modules.entry(family).or_default().push(component.clone());
        modules.entry(folder.clone()).or_default().push(name.clone());
        tree.insert(folder.join(format!("{name}.rs")), version.text.clone().into_bytes());
    }
    for (folder, mut names) in modules {
        names.sort();
        names.dedup();
        let text: String = names.iter().map(|name| format!("pub mod {name};\n")).collect();
        tree.insert(folder.join("mod.rs"), text.into_bytes());
    }
    tree
}

/// What becomes a program's global allocator, and no type parameter of the host's `main`.
const ALLOCATOR: &str = "allocator";

/// The root file of an artefact's crate.
pub(crate) fn main_text(
    project: &Project,
    kind: Kind,
    library: &str,
    providers: &BTreeMap<String, String>,
    provenance: &str,
) -> String {
    let partner = kind.partner(project).replace('-', "_");
    let machine = &project.settings.machine;
    let constant = format!("const PROVENANCE: &str = {provenance:?};\n\n");
    let mut parameters = format!("{library}::{machine}");
    let mut allocator = String::new();
    for (what, name) in providers {
        let known = project.settings.providers.get(what);
        let path = known.and_then(|known| known.types.get(name)).map_or("", String::as_str);
        if what == ALLOCATOR {
            allocator = format!("#[global_allocator]\nstatic ALLOCATOR: {path} = {path};\n\n");
        } else {
            parameters += &format!(", {path}");
        }
    }
    match kind {
        Kind::Replica => format!(
            "{constant}{allocator}fn main() -> std::process::ExitCode {{\n    \
             {partner}::main::<{parameters}>(PROVENANCE)\n}}\n"
        ),
        Kind::Library => {
            format!("{constant}{partner}::export!({library}::{machine}, PROVENANCE);\n")
        }
    }
}
