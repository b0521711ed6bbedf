//! Runners: programs that link a harness with versions, or with whole composed machines.
//!
//! Whatever is judged goes into a process of its own. The caller gives the program's text; the
//! versions are modules `versions::<family>::<component>::<slot>` beside it, against one plain
//! protocol crate. A version that does not compile is named, so that the caller can go on
//! without it.

use crate::adapters::{ADAPTERS, ADAPTERS_FILE};
use crate::build::{cached, protocol_crate, short};
use crate::cargo::{Diagnostic, Outcome, Watch};
use crate::compose::{Base, Composition, Hasher, Kind, compose, version_modules};
use crate::error::{Error, Result};
use crate::files;
use crate::inventory::{Inventory, VersionFile};
use crate::manifest;
use crate::plan::ReplicaPlan;
use crate::project::Project;
use crate::prune::touch;
use crate::toolchain::toolchain;
use crate::workspace::{Crate, Workspace, generated_manifest, on_generated, on_workspace};
use slot_syntax::SlotPath;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What a runner is made of.
#[derive(Debug, Clone)]
pub struct Runner {
    /// The text of `main.rs`. It sees the modules below `versions`, the protocol crate, the
    /// dependencies and the machines.
    pub main: String,
    /// Crates that `[workspace.dependencies]` names, with features. Whatever the protocol crate
    /// depends on is there without being named.
    pub dependencies: BTreeMap<String, Vec<String>>,
    /// Versions to link as modules. Their texts need not be files of the project.
    pub versions: Vec<VersionFile>,
    /// What stands beside versions of a component, by its path: see [`crate::adapters`].
    pub adapters: BTreeMap<SlotPath, String>,
    /// Whole composed protocol crates, by the names under which `main` uses them.
    pub machines: BTreeMap<String, ReplicaPlan>,
    /// Cargo profile: `release` or `dev`.
    pub profile: String,
    /// Whether the compiler puts a counter on every edge of the protocol crate and of the versions
    /// (LLVM's SanitizerCoverage). The program must define what such code calls when it starts.
    pub counted: bool,
    /// Whether a version of which the compiler warns counts as one that does not compile.
    pub strict: bool,
    /// A program that is called with each command of the compiler and runs it within limits, where
    /// a version is not trusted. Such a build also meets none of the caller's variables but those
    /// that tools need.
    pub compiler: Option<PathBuf>,
}

impl Default for Runner {
    fn default() -> Self {
        Self {
            main: String::new(),
            dependencies: BTreeMap::new(),
            versions: Vec::new(),
            adapters: BTreeMap::new(),
            machines: BTreeMap::new(),
            profile: "release".to_owned(),
            counted: false,
            strict: false,
            compiler: None,
        }
    }
}

/// A version that does not compile, or of which the compiler warns where that is as bad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Its family.
    pub family: String,
    /// Its slot, as `component.slot`.
    pub slot: String,
    /// What the compiler said about it: errors, or warnings if there was no error anywhere.
    pub diagnostics: Vec<Diagnostic>,
}

/// What came of a runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Run {
    /// The program, to be started by the caller.
    Ready {
        /// The file. It stays while it is among the artefacts used last, some dozens.
        path: PathBuf,
        /// SHA-256 over everything that decides about it, in hex.
        hash: String,
        /// Whether it was there already.
        cached: bool,
    },
    /// These versions do not compile. The compiler may not have looked at the others fully: call
    /// again without these.
    Broken(Vec<Broken>),
}

/// Builds a runner, or says which versions do not compile.
///
/// # Errors
///
/// [`Error::Build`] if the compiler's errors are in no version, [`Error::Cancelled`], and files
/// that cannot be read or written.
pub fn build_runner(
    project: &Project,
    inventory: &Inventory,
    runner: &Runner,
    watch: &Watch<'_>,
) -> Result<Run> {
    let partners: Vec<&str> = runner.dependencies.keys().map(String::as_str).collect();
    let partners: Vec<&str> = partners
        .into_iter()
        .filter(|name| manifest::workspace_crate(project, name).is_ok())
        .collect();
    let base = Base::read(project, toolchain(project)?, &partners)?;
    let mut machines = BTreeMap::new();
    for (name, replica) in &runner.machines {
        machines.insert(name, compose(project, inventory, &base, Kind::Library, replica)?);
    }
    let hash = hash(project, &base, runner, &machines);
    let path = cached(project, &hash, "runner");
    if path.is_file() {
        touch(&path);
        return Ok(Run::Ready { path, hash, cached: true });
    }
    let workspace = Workspace::lock(project, watch)?;
    let name = format!("runner-{}", short(&hash));
    let mut crates: BTreeMap<String, Crate> = BTreeMap::new();
    for machine in machines.values() {
        let made = protocol_crate(project, &base, machine);
        crates.insert(made.name.clone(), made);
    }
    let made = runner_crate(project, &base, runner, &machines, &name);
    crates.insert(name.clone(), made);
    let crates: Vec<Crate> = crates.into_values().collect();
    workspace.write(&base, &crates)?;
    let packages = std::slice::from_ref(&name);
    let compiler = runner.compiler.as_deref();
    let outcome = match runner.counted {
        false => workspace.build(packages, &runner.profile, compiler, watch)?,
        true => {
            let protocol = manifest::library_name(&base.protocol_manifest);
            let counted = [protocol, name.replace('-', "_")];
            workspace.build_counted(packages, &runner.profile, &counted, compiler, watch)?
        }
    };
    if !outcome.success {
        let broken = broken(&outcome, runner);
        return if broken.is_empty() { Err(outcome.into_error()) } else { Ok(Run::Broken(broken)) };
    }
    if runner.strict {
        let warned = warned(&outcome);
        if !warned.is_empty() {
            return Ok(Run::Broken(warned));
        }
    }
    let made = outcome
        .artefacts
        .iter()
        .find(|(package, file)| *package == name && file.extension().is_none());
    let Some((_, file)) = made else {
        let summary = "cargo made no program for the runner".to_owned();
        return Err(Error::Build { summary, details: outcome.log });
    };
    files::replace(&path, &files::read(file)?, 0o755)?;
    Ok(Run::Ready { path, hash, cached: false })
}

/// Builds a runner from the versions that compile, and names the others.
///
/// # Errors
///
/// As [`build_runner`].
pub fn build_runner_without_broken(
    project: &Project,
    inventory: &Inventory,
    runner: &Runner,
    main: &dyn Fn(&[VersionFile]) -> String,
    watch: &Watch<'_>,
) -> Result<(PathBuf, Vec<Broken>)> {
    let mut left = runner.clone();
    let mut all_broken: Vec<Broken> = Vec::new();
    loop {
        left.main = main(&left.versions);
        match build_runner(project, inventory, &left, watch)? {
            Run::Ready { path, .. } => return Ok((path, all_broken)),
            Run::Broken(broken) => {
                let before = left.versions.len();
                left.versions.retain(|version| {
                    !broken.iter().any(|broken| {
                        broken.family == version.family && broken.slot == version.slot.to_string()
                    })
                });
                if left.versions.len() == before {
                    // A machine's version, which cannot be left out.
                    return Err(cannot_go_on(&broken));
                }
                all_broken.extend(broken);
            }
        }
    }
}

fn cannot_go_on(broken: &[Broken]) -> Error {
    let names: Vec<String> =
        broken.iter().map(|broken| format!("{}/{}", broken.family, broken.slot)).collect();
    let errors = broken.iter().flat_map(|broken| &broken.diagnostics);
    let details: Vec<&str> = errors.map(|error| error.rendered.as_str()).collect();
    let summary = format!("{} does not compile", names.join(", "));
    Error::Build { summary, details: details.join("\n") }
}

fn hash(
    project: &Project,
    base: &Base,
    runner: &Runner,
    machines: &BTreeMap<&String, Composition>,
) -> String {
    let mut hasher: Hasher = base.hasher(project);
    hasher.tree("protocol", &base.protocol);
    hasher.part("kind", b"runner");
    hasher.part("profile", runner.profile.as_bytes());
    hasher.part("counted", &[u8::from(runner.counted)]);
    hasher.part("strict", &[u8::from(runner.strict)]);
    for (name, machine) in machines {
        hasher.part(&format!("machine {name}"), machine.hash.as_bytes());
    }
    // The crate itself, under a name that does not depend on the hash.
    let made = runner_crate(project, base, runner, machines, "runner");
    hasher.part("made", made.manifest.to_string().as_bytes());
    hasher.tree("files", &made.files);
    hasher.finish()
}

pub(crate) fn runner_crate(
    project: &Project,
    base: &Base,
    runner: &Runner,
    machines: &BTreeMap<&String, Composition>,
    name: &str,
) -> Crate {
    let library = manifest::library_name(&base.protocol_manifest);
    let mut plain = toml::Table::new();
    let package = base.protocol_manifest.get("package").and_then(|package| package.get("name"));
    plain.extend(package.map(|package| ("package".to_owned(), package.clone())));
    let folder = Path::new("../..").join(&project.settings.protocol);
    plain.insert("path".to_owned(), folder.to_string_lossy().into_owned().into());
    // Versions may use whatever the protocol crate uses.
    let protocol = manifest::composed(&base.protocol_manifest, &project.settings.protocol, name);
    let given = protocol.get("dependencies").and_then(toml::Value::as_table).cloned();
    let mut dependencies: BTreeMap<String, toml::Value> = given.into_iter().flatten().collect();
    dependencies.insert(library, plain.into());
    for (dependency, features) in &runner.dependencies {
        dependencies.insert(dependency.clone(), on_workspace(features));
    }
    for (alias, machine) in machines {
        let made = protocol_crate(project, base, machine);
        dependencies.insert((*alias).clone(), on_generated(&made.name));
    }
    let versions: Vec<&VersionFile> = runner.versions.iter().collect();
    let mut files = version_modules(&versions);
    for version in versions {
        if let Some(text) = runner.adapters.get(&version.slot) {
            let folder = Path::new("src/versions").join(&version.family);
            let folder = folder.join(&version.slot.component);
            files.insert(folder.join(ADAPTERS_FILE), text.clone().into_bytes());
            let modules = files.entry(folder.join("mod.rs")).or_default();
            modules.extend_from_slice(b"pub mod adapters;\n");
        }
    }
    files.entry(PathBuf::from("src/versions/mod.rs")).or_default();
    let main = format!("{}\n\nmod versions;\n", runner.main);
    files.insert(PathBuf::from("src/main.rs"), main.into_bytes());
    let manifest = generated_manifest(name, dependencies);
    Crate { name: name.to_owned(), manifest, files, compiler: None }
}

/// Groups the compiler's errors by the version to which they belong. An error that belongs to
/// none is left out: it is the harness's, and often only follows from the others.
fn broken(outcome: &Outcome, runner: &Runner) -> Vec<Broken> {
    let composed = runner.machines.values().flat_map(|replica| replica.slots.values());
    let families: BTreeSet<&str> = runner
        .versions
        .iter()
        .map(|version| version.family.as_str())
        .chain(runner.machines.values().map(|replica| replica.family.as_str()))
        .chain(composed.map(String::as_str))
        .collect();
    let mut found: BTreeMap<(String, String), Vec<Diagnostic>> = BTreeMap::new();
    for diagnostic in outcome.diagnostics.iter().filter(|diagnostic| diagnostic.error) {
        let owner = diagnostic
            .places
            .iter()
            .find_map(|place| in_version_file(&place.file).or_else(|| in_text(&place.text)));
        if let Some((family, slot)) = owner.filter(|(family, _)| families.contains(family.as_str()))
        {
            found.entry((family, slot)).or_default().push(diagnostic.clone());
        }
    }
    all(found)
}

/// Groups the compiler's warnings by the version in whose text they are.
fn warned(outcome: &Outcome) -> Vec<Broken> {
    let mut found: BTreeMap<(String, String), Vec<Diagnostic>> = BTreeMap::new();
    for diagnostic in outcome.diagnostics.iter().filter(|diagnostic| diagnostic.warning) {
        let first = diagnostic.places.first();
        if let Some(version) = first.and_then(|place| in_version_file(&place.file)) {
            found.entry(version).or_default().push(diagnostic.clone());
        }
    }
    all(found)
}

fn all(found: BTreeMap<(String, String), Vec<Diagnostic>>) -> Vec<Broken> {
    let broken = |((family, slot), diagnostics)| Broken { family, slot, diagnostics };
    found.into_iter().map(broken).collect()
}

/// Family and slot of a file `.../src/versions/<family>/<component>/<slot>.rs`.
fn in_version_file(file: &Path) -> Option<(String, String)> {
    let parts: Vec<String> = file.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let at = parts.iter().rposition(|part| part == "versions")?;
    let [family, component, name] = parts.get(at + 1..)? else { return None };
    Some((family.clone(), slot_at(component, name.strip_suffix(".rs")?)))
}

/// Family and slot of a path `versions::<family>::<component>::<slot>` in the harness's text.
fn in_text(text: &str) -> Option<(String, String)> {
    let (_, after) = text.split_once("versions::")?;
    let mut parts = after.split("::").map(|part| {
        let end = part.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(part.len());
        part[..end].to_owned()
    });
    let (family, component, name) = (parts.next()?, parts.next()?, parts.next()?);
    Some((family, slot_at(&component, &name)))
}

/// The slot to which a module of a version belongs.
fn slot_at(component: &str, module: &str) -> String {
    let whole = module == ADAPTERS;
    let path =
        if whole { SlotPath::of_component(component) } else { SlotPath::new(component, module) };
    path.to_string()
}
