//! The generated workspace: copies of all crates a build needs, below `target/patchy`.
//!
//! Everything is inside, at the same relative places as in the project, so that cargo's package
//! ids do not depend on where the project lies. One target folder serves all builds; unique
//! package names keep what is different apart. A file is written only if its content changed.

use crate::cargo::{Call, Outcome, Progress, Watch, run};
use crate::compose::{Base, root_tables};
use crate::error::{Error, Result};
use crate::files::{self, Tree};
use crate::manifest;
use crate::plan::Compiler;
use crate::project::Project;
use crate::prune::{prune, touch};
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;
use toml::{Table, Value};

/// Stands before the compiler: adds counters to the crates that it is told of.
const COUNTING: &str = r#"#!/bin/sh
# Written by patchy: compiles the crates named in PATCHY_COUNTED with a counter on every edge.
previous=
for word in "$@"; do
    if [ "$previous" = --crate-name ]; then name=$word; fi
    previous=$word
done
case "$PATCHY_COUNTED" in
    *" $name "*)
        exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=3 \
            -Cllvm-args=-sanitizer-coverage-inline-8bit-counters ;;
esac
exec "$@"
"#;

/// A generated crate, in `compositions/<name>`.
pub(crate) struct Crate {
    pub(crate) name: String,
    pub(crate) manifest: Table,
    pub(crate) files: Tree,
    /// How it is compiled, where it matters.
    pub(crate) compiler: Option<Compiler>,
}

/// The generated workspace while nobody else uses it.
pub(crate) struct Workspace<'a> {
    project: &'a Project,
    folder: PathBuf,
    _lock: File,
}

impl<'a> Workspace<'a> {
    /// Waits until no other process builds in this project.
    pub(crate) fn lock(project: &'a Project, watch: &Watch<'_>) -> Result<Self> {
        let generated = project.generated();
        files::create_folder(&generated)?;
        let path = generated.join("lock");
        let lock = File::create(&path).map_err(Error::io(&path))?;
        let mut told = false;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(Error::io(&path)(error)),
                Err(TryLockError::WouldBlock) if watch.cancelled() => return Err(Error::Cancelled),
                Err(TryLockError::WouldBlock) => {
                    if !told {
                        (watch.progress)(Progress::Waiting);
                        told = true;
                    }
                    thread::sleep(Duration::from_millis(50));
                }
            }
        }
        Ok(Self { project, folder: generated.join("ws"), _lock: lock })
    }

    /// The same in another folder.
    pub(crate) fn at(self, folder: &Path) -> Self {
        Self { folder: folder.to_owned(), ..self }
    }

    /// Writes the crates that a build needs. Folders of earlier builds stay but are no members.
    pub(crate) fn write(&self, base: &Base, crates: &[Crate]) -> Result<()> {
        for (folder, tree) in &base.shared {
            let mut tree = tree.clone();
            let manifest = manifest::read_manifest(self.project, folder)?;
            let manifest = manifest::copied(&manifest).to_string().into_bytes();
            tree.insert(PathBuf::from("Cargo.toml"), manifest);
            self.write_crate(folder, &tree)?;
        }
        for generated in crates {
            let mut tree = generated.files.clone();
            let manifest = generated.manifest.to_string().into_bytes();
            tree.insert(PathBuf::from("Cargo.toml"), manifest);
            let folder = Path::new("compositions").join(&generated.name);
            self.write_crate(&folder, &tree)?;
            touch(&self.folder.join(folder));
        }
        prune(&self.project.generated(), crates.len())?;
        let root = self.root_manifest(base, crates).to_string();
        files::write_if_changed(&self.folder.join("Cargo.toml"), root.as_bytes())?;
        // Cargo leaves out of its lock what the last request did not need, so each starts anew.
        let lock = self.folder.join("Cargo.lock");
        if base.lock.is_empty() { Ok(()) } else { files::write_if_changed(&lock, &base.lock) }
    }

    fn write_crate(&self, folder: &Path, tree: &Tree) -> Result<()> {
        let folder = self.folder.join(folder);
        files::create_folder(&folder)?;
        files::write_folder(&folder, tree)
    }

    fn root_manifest(&self, base: &Base, crates: &[Crate]) -> Table {
        let mut root = root_tables(self.project);
        let generated = crates.iter().map(|made| format!("compositions/{}", made.name));
        let shared = base.shared.keys().map(|folder| folder.to_string_lossy().into_owned());
        let members: Vec<Value> = shared.chain(generated).map(Value::String).collect();
        if let Some(workspace) = root.get_mut("workspace").and_then(Value::as_table_mut) {
            workspace.insert("members".to_owned(), Value::Array(members));
        }
        let chosen = crates.iter().filter_map(|made| Some((&made.name, made.compiler.as_ref()?)));
        let mut packages = Table::new();
        for (name, compiler) in chosen {
            let mut profile = Table::new();
            profile.insert("opt-level".to_owned(), i64::from(compiler.opt_level).into());
            profile.insert("codegen-units".to_owned(), i64::from(compiler.codegen_units).into());
            packages.insert(name.clone(), profile.into());
        }
        let release = entry(entry(&mut root, "profile"), "release");
        release.insert("incremental".to_owned(), false.into());
        let own = entry(release, "package");
        own.extend(packages);
        root
    }

    /// Builds packages with a profile, the compiler called through `compiler` where that is given.
    pub(crate) fn build(
        &self,
        packages: &[String],
        profile: &str,
        compiler: Option<&Path>,
        watch: &Watch<'_>,
    ) -> Result<Outcome> {
        let mut environment = self.environment();
        environment.extend(compiler.map(called_through));
        self.build_in(packages, profile, environment, compiler.is_some(), watch)
    }

    /// The same, with counters on the edges of some crates, named as the compiler names them.
    ///
    /// Cargo keeps what it builds so apart from what it builds otherwise.
    pub(crate) fn build_counted(
        &self,
        packages: &[String],
        profile: &str,
        counted: &[String],
        compiler: Option<&Path>,
        watch: &Watch<'_>,
    ) -> Result<Outcome> {
        let wrapper = counting_compiler(self.project);
        files::replace(&wrapper, COUNTING.as_bytes(), 0o755)?;
        let mut environment = self.environment();
        environment.extend(compiler.map(called_through));
        let wrapper = wrapper.to_string_lossy().into_owned();
        environment.push(("RUSTC_WORKSPACE_WRAPPER".to_owned(), wrapper));
        environment.push(("PATCHY_COUNTED".to_owned(), format!(" {} ", counted.join(" "))));
        self.build_in(packages, profile, environment, compiler.is_some(), watch)
    }

    fn build_in(
        &self,
        packages: &[String],
        profile: &str,
        environment: Vec<(String, String)>,
        wary: bool,
        watch: &Watch<'_>,
    ) -> Result<Outcome> {
        let mut arguments = vec!["build".to_owned(), "--profile".to_owned(), profile.to_owned()];
        for package in packages {
            arguments.extend(["-p".to_owned(), package.clone()]);
        }
        let lock = self.folder.join("Cargo.lock");
        let crates = files::read_text(&lock).map_or(0, |text| text.matches("[[package]]").count());
        (watch.progress)(Progress::Started { crates });
        let call = Call { folder: &self.folder, arguments, environment, wary };
        run(&call, watch)
    }

    /// One target folder, no path of this machine in the output, no warning an error: who refuses what
    /// is warned of looks at the diagnostics.
    fn environment(&self) -> Vec<(String, String)> {
        let home = std::env::var_os("CARGO_HOME")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
        let mut flags = vec!["--cap-lints=warn".to_owned()];
        flags.extend(self.project.rustflags().iter().cloned());
        if let Some(home) = home {
            flags.push(format!("--remap-path-prefix={}=/cargo", home.display()));
        }
        flags.push(format!("--remap-path-prefix={}=/project", self.project.root.display()));
        let target = self.project.generated().join("build");
        vec![
            ("CARGO_ENCODED_RUSTFLAGS".to_owned(), flags.join("\u{1f}")),
            ("CARGO_TARGET_DIR".to_owned(), target.to_string_lossy().into_owned()),
            ("CARGO_INCREMENTAL".to_owned(), "0".to_owned()),
        ]
    }
}

/// The program that stands before the compiler where edges are counted, once that was done: whoever
/// keeps the compiler from files must let it run that.
#[must_use]
pub fn counting_compiler(project: &Project) -> PathBuf {
    project.generated().join("counting-rustc")
}

/// What tells cargo to call all compilers through a program.
fn called_through(compiler: &Path) -> (String, String) {
    ("RUSTC_WRAPPER".to_owned(), compiler.to_string_lossy().into_owned())
}

/// A table in a table, made if it is not there.
fn entry<'a>(table: &'a mut Table, key: &str) -> &'a mut Table {
    let value = table.entry(key).or_insert_with(|| Value::Table(Table::new()));
    if !value.is_table() {
        *value = Value::Table(Table::new());
    }
    match value {
        Value::Table(inner) => inner,
        _ => unreachable!("just made a table"),
    }
}

/// A manifest for a generated crate, with dependencies as TOML values.
pub(crate) fn generated_manifest(name: &str, dependencies: BTreeMap<String, Value>) -> Table {
    let mut package = Table::new();
    package.insert("name".to_owned(), name.into());
    package.insert("version".to_owned(), "0.0.0".into());
    package.insert("edition".to_owned(), "2024".into());
    package.insert("publish".to_owned(), false.into());
    let mut manifest = Table::new();
    manifest.insert("package".to_owned(), package.into());
    manifest.insert("dependencies".to_owned(), dependencies.into_iter().collect::<Table>().into());
    manifest
}

/// A dependency on another generated crate, under a name of the caller's choice.
pub(crate) fn on_generated(package: &str) -> Value {
    let mut table = Table::new();
    table.insert("package".to_owned(), package.into());
    table.insert("path".to_owned(), format!("../{package}").into());
    table.into()
}

/// A dependency on a crate that the workspace's dependencies name.
pub(crate) fn on_workspace(features: &[String]) -> Value {
    let mut table = Table::new();
    table.insert("workspace".to_owned(), true.into());
    if !features.is_empty() {
        let features = features.iter().cloned().map(Value::String).collect();
        table.insert("features".to_owned(), Value::Array(features));
    }
    table.into()
}
