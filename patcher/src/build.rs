//! Building artefacts from compositions, cached by composition hash.

use crate::cargo::Watch;
use crate::compose::{Base, Composition, Kind, compose, main_text};
use crate::error::{Error, Result};
use crate::files;
use crate::inventory::Inventory;
use crate::manifest;
use crate::plan::{Plan, ReplicaPlan};
use crate::project::Project;
use crate::prune::touch;
use crate::sign::{builder_key, provenance_path, sign, signature_path};
use crate::toolchain::toolchain;
use crate::workspace::{Crate, Workspace, generated_manifest, on_generated, on_workspace};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One artefact asked for.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its file name in the output folder.
    pub name: String,
    /// What it is made of.
    pub replica: ReplicaPlan,
}

impl Target {
    /// The replicas of a plan, named `replica-<id>`.
    #[must_use]
    pub fn of_plan(plan: &Plan) -> Vec<Self> {
        let target = |replica: &ReplicaPlan| Self {
            name: format!("replica-{}", replica.id),
            replica: replica.clone(),
        };
        plan.replicas.iter().map(target).collect()
    }
}

/// One artefact built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Built {
    /// The name asked for.
    pub name: String,
    /// The replica's number.
    pub replica: u32,
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Hash of the composition, in hex.
    pub composition: String,
    /// Whether it was there already, so that nothing was compiled.
    pub cached: bool,
}

/// How artefacts are made. A [`Kind`] alone is made with the compiler called directly.
#[derive(Debug, Clone, Copy)]
pub struct How<'a> {
    /// What they are.
    pub kind: Kind,
    /// A program that is called with each command of the compiler, as in [`crate::Runner::compiler`].
    pub compiler: Option<&'a Path>,
}

impl From<Kind> for How<'_> {
    fn from(kind: Kind) -> Self {
        Self { kind, compiler: None }
    }
}

/// Builds artefacts into a folder, each with its provenance and the builder's signature beside it.
///
/// What was built before from the same composition is taken from the cache. Versions are not
/// judged here: see [`crate::check_plan`].
///
/// # Errors
///
/// [`Error::Build`] with what the compiler said, [`Error::NotDistinct`], [`Error::Cancelled`],
/// and files that cannot be read or written.
pub fn build<'a>(
    project: &Project,
    inventory: &Inventory,
    how: impl Into<How<'a>>,
    targets: &[Target],
    output: &Path,
    watch: &Watch<'_>,
) -> Result<Vec<Built>> {
    let how = how.into();
    let kind = how.kind;
    let base = Base::read(project, toolchain(project)?, &[kind.partner(project)])?;
    let mut composed: Vec<Composition> = Vec::new();
    for target in targets {
        composed.push(compose(project, inventory, &base, kind, &target.replica)?);
    }
    let mut missing: BTreeMap<&str, &Composition> = BTreeMap::new();
    for composition in &composed {
        let kept = cached(project, &composition.hash, kind.name());
        if kept.is_file() {
            touch(&kept);
        } else {
            missing.insert(&composition.hash, composition);
        }
    }
    if !missing.is_empty() {
        let missing: Vec<&Composition> = missing.values().copied().collect();
        compile(project, &base, how, &missing, watch)?;
    }
    distinct(project, kind, &composed)?;
    let fresh = |hash: &str| !missing.contains_key(hash);
    let mut built = Vec::new();
    for (target, composition) in targets.iter().zip(&composed) {
        let cached = fresh(&composition.hash);
        built.push(deliver(project, kind, target, composition, cached, output)?);
    }
    Ok(built)
}

/// Where an artefact is kept.
pub(crate) fn cached(project: &Project, hash: &str, name: &str) -> PathBuf {
    project.generated().join("cache").join(hash).join(name)
}

/// The part of a hash that names packages.
pub(crate) fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

fn compile(
    project: &Project,
    base: &Base,
    how: How<'_>,
    compositions: &[&Composition],
    watch: &Watch<'_>,
) -> Result<()> {
    let workspace = Workspace::lock(project, watch)?;
    // Cargo gives all that it builds at a time the features that any of them asks for: a program's
    // bytes must not depend on which others were missing.
    let mut alike: BTreeMap<&BTreeSet<String>, Vec<&Composition>> = BTreeMap::new();
    for composition in compositions {
        alike.entry(&composition.features).or_default().push(composition);
    }
    for compositions in alike.values() {
        compile_alike(project, &workspace, base, how, compositions, watch)?;
    }
    Ok(())
}

/// Compiles compositions that need the same features, all at once.
fn compile_alike(
    project: &Project,
    workspace: &Workspace<'_>,
    base: &Base,
    How { kind, compiler }: How<'_>,
    compositions: &[&Composition],
    watch: &Watch<'_>,
) -> Result<()> {
    let mut crates = Vec::new();
    let mut packages = Vec::new();
    for composition in compositions {
        let protocol = protocol_crate(project, base, composition);
        let artefact = artefact_crate(project, base, composition, &protocol.name);
        packages.push(artefact.name.clone());
        crates.extend([protocol, artefact]);
    }
    workspace.write(base, &crates)?;
    let outcome = workspace.build(&packages, "release", compiler, watch)?;
    if !outcome.success {
        return Err(outcome.into_error());
    }
    for (composition, package) in compositions.iter().zip(&packages) {
        let file = outcome
            .artefacts
            .iter()
            .find(|(name, file)| name == package && is_artefact(kind, file));
        let Some((_, file)) = file else {
            let summary = format!("cargo made no {} for {package}", kind.name());
            return Err(Error::Build { summary, details: String::new() });
        };
        let kept = cached(project, &composition.hash, kind.name());
        files::replace(&kept, &files::read(file)?, 0o755)?;
    }
    Ok(())
}

fn is_artefact(kind: Kind, file: &Path) -> bool {
    match kind {
        Kind::Replica => file.extension().is_none(),
        Kind::Library => file.extension().is_some_and(|ending| ending == "so"),
    }
}

/// The composed copy of the protocol crate.
pub(crate) fn protocol_crate(project: &Project, base: &Base, composition: &Composition) -> Crate {
    let library = manifest::library_name(&base.protocol_manifest);
    let name = format!("{library}-{}", short(&composition.hash));
    let folder = &project.settings.protocol;
    Crate {
        manifest: manifest::composed(&base.protocol_manifest, folder, &name),
        files: composition.source.clone(),
        compiler: Some(composition.compiler.clone()),
        name,
    }
}

fn artefact_crate(
    project: &Project,
    base: &Base,
    composition: &Composition,
    protocol: &str,
) -> Crate {
    let kind = composition.kind;
    let library = manifest::library_name(&base.protocol_manifest);
    let name = format!("{}-{}", kind.name(), short(&composition.hash));
    let features: Vec<String> = composition.features.iter().cloned().collect();
    let dependencies = BTreeMap::from([
        (library.clone(), on_generated(protocol)),
        (kind.partner(project).to_owned(), on_workspace(&features)),
    ]);
    let mut manifest = generated_manifest(&name, dependencies);
    let providers = &composition.providers;
    let text = main_text(project, kind, &library, providers, &composition.provenance);
    let file = match kind {
        Kind::Replica => "src/main.rs",
        Kind::Library => {
            let mut lib = toml::Table::new();
            lib.insert("crate-type".to_owned(), vec!["cdylib"].into());
            manifest.insert("lib".to_owned(), lib.into());
            "src/lib.rs"
        }
    };
    let mut files = files::Tree::from([(PathBuf::from(file), text.into_bytes())]);
    if let Some(seed) = composition.compiler.section_shuffle {
        let script = format!(
            "fn main() {{\n    \
             println!(\"cargo::rustc-link-arg=-Wl,--shuffle-sections=.text*={seed}\");\n    \
             println!(\"cargo::rerun-if-changed=build.rs\");\n}}\n"
        );
        files.insert(PathBuf::from("build.rs"), script.into_bytes());
    }
    Crate { name, manifest, files, compiler: Some(composition.compiler.clone()) }
}

/// Different compositions must give different binaries: equal ones mean that one was not built.
fn distinct(project: &Project, kind: Kind, composed: &[Composition]) -> Result<()> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for composition in composed {
        let file = cached(project, &composition.hash, kind.name());
        let digest = files::sha256(&files::read(&file)?);
        match seen.insert(digest, &composition.hash) {
            Some(other) if other != composition.hash => {
                let (first, second) = (other.to_owned(), composition.hash.clone());
                return Err(Error::NotDistinct { first, second });
            }
            _ => {}
        }
    }
    Ok(())
}

fn deliver(
    project: &Project,
    kind: Kind,
    target: &Target,
    composition: &Composition,
    cached_before: bool,
    output: &Path,
) -> Result<Built> {
    let content = files::read(&cached(project, &composition.hash, kind.name()))?;
    let path = output.join(&target.name);
    let sha256 = files::sha256(&content);
    files::replace(&path, &content, 0o755)?;
    let provenance = format!("{}\n", composition.provenance);
    files::replace(&provenance_path(&path), provenance.as_bytes(), 0o644)?;
    let signature = sign(&builder_key(project)?, &sha256);
    // Texts and a number only: this cannot fail.
    let signature = serde_json::to_string(&signature).unwrap_or_default() + "\n";
    files::replace(&signature_path(&path), signature.as_bytes(), 0o644)?;
    Ok(Built {
        name: target.name.clone(),
        replica: target.replica.id,
        path,
        sha256,
        composition: composition.hash.clone(),
        cached: cached_before,
    })
}
