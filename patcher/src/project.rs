//! Where the project is and what its `patchy` table says.

use crate::error::{Error, Result};
use crate::files;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Table;

/// A project: a Cargo workspace whose root manifest has `[workspace.metadata.patchy]`.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder of the root manifest, absolute.
    pub root: PathBuf,
    /// The `patchy` table.
    pub settings: Settings,
    /// The root manifest.
    pub(crate) manifest: Table,
}

/// `[workspace.metadata.patchy]`. All paths are relative to the root.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// Folder of the crate that has the slots.
    pub protocol: PathBuf,
    /// Folder with one crate a family.
    #[serde(default = "default_variants")]
    pub variants: PathBuf,
    /// Crate of the workspace with `main::<Machine>(provenance) -> ExitCode`.
    #[serde(default = "default_host")]
    pub host: String,
    /// Crate of the workspace with `export!(Machine, PROVENANCE)`.
    #[serde(default = "default_boundary")]
    pub boundary: String,
    /// The machine's type in the protocol crate.
    #[serde(default = "default_machine")]
    pub machine: String,
    /// Files and folders whose lines count as the protocol's.
    #[serde(default)]
    pub protocol_lines: Vec<PathBuf>,
    /// What a program stands on beside its versions, by what is provided.
    #[serde(default)]
    pub providers: BTreeMap<String, Providers>,
    /// How a trigger is read from a parameter: type name (`Update`, `Verified<Update>`,
    /// `[Update]`) to an expression in which `{value}` is the parameter and `{trigger}` the bytes.
    #[serde(default)]
    pub plant: BTreeMap<String, String>,
    /// Folder with recorded calls of each component's slots, in `<component>.md`: under a heading `##
    /// component.slot` those of each. Prompts from invariants quote them.
    pub examples: Option<PathBuf>,
    /// What mutants exchange.
    #[serde(default)]
    pub mutate: Exchanges,
    /// Flags for the compiler in every build, beside those of the plan, by processor architecture
    /// (`x86_64`). What the workspace's own `.cargo/config.toml` says does not reach builds of
    /// compositions.
    #[serde(default)]
    pub rustflags: BTreeMap<String, Vec<String>>,
}

/// What mutants exchange beside what the standard library has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchanges {
    /// Groups of methods that can be mistaken for each other.
    #[serde(default)]
    pub exchange: Vec<Vec<String>>,
}

/// Who provides one thing that programs stand on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Providers {
    /// The provider where a plan names none.
    pub default: String,
    /// Rust paths of types, by provider. That of `allocator` is a unit type that becomes the
    /// program's global allocator; those of others are type parameters of the host's `main`, behind
    /// the machine and in order of what they provide.
    pub types: BTreeMap<String, String>,
    /// Features of the host's crate that a provider's type needs, by provider. A program is built
    /// with those of its own providers alone.
    #[serde(default)]
    pub features: BTreeMap<String, Vec<String>>,
    /// Whether plans may spread them over the replicas; else a replica has what its plan says, or the
    /// default.
    #[serde(default = "default_spread")]
    pub spread: bool,
}

fn default_spread() -> bool {
    true
}

fn default_variants() -> PathBuf {
    PathBuf::from("variants")
}

fn default_host() -> String {
    "node".to_owned()
}

fn default_boundary() -> String {
    "boundary".to_owned()
}

fn default_machine() -> String {
    "Replica".to_owned()
}

impl Project {
    /// The compiler flags of [`Settings::rustflags`] for this machine's architecture.
    pub(crate) fn rustflags(&self) -> &[String] {
        self.settings.rustflags.get(std::env::consts::ARCH).map_or(&[], Vec::as_slice)
    }

    /// The project in which `start` lies, searched upwards.
    ///
    /// # Errors
    ///
    /// [`Error::NoProject`] if there is none, [`Error::Manifest`] if its table is damaged.
    pub fn find(start: &Path) -> Result<Self> {
        let absolute = start.canonicalize().map_err(Error::io(start))?;
        for folder in absolute.ancestors() {
            if let Some(project) = Self::at(folder)? {
                return Ok(project);
            }
        }
        Err(Error::NoProject { start: absolute })
    }

    /// The project whose root is `root`, and no other.
    ///
    /// # Errors
    ///
    /// As [`Project::find`].
    pub fn open(root: &Path) -> Result<Self> {
        let absolute = root.canonicalize().map_err(Error::io(root))?;
        Self::at(&absolute)?.ok_or(Error::NoProject { start: absolute })
    }

    fn at(folder: &Path) -> Result<Option<Self>> {
        let file = folder.join("Cargo.toml");
        if !file.is_file() {
            return Ok(None);
        }
        let text = files::read_text(&file)?;
        if !text.contains("patchy") {
            return Ok(None);
        }
        let manifest: Table =
            toml::from_str(&text).map_err(|error| damaged(&file, &text, &error))?;
        let table = ["workspace", "metadata"]
            .iter()
            .try_fold(&manifest, |table, key| table.get(*key).and_then(toml::Value::as_table));
        let Some(table) = table.and_then(|metadata| metadata.get("patchy")) else {
            return Ok(None);
        };
        let settings: Settings =
            table.clone().try_into().map_err(|error: toml::de::Error| Error::Manifest {
                file: file.clone(),
                line: line_with(&text, "[workspace.metadata.patchy"),
                reason: format!("`[workspace.metadata.patchy]`: {}", error.message()),
            })?;
        for (what, providers) in &settings.providers {
            if !providers.types.contains_key(&providers.default) {
                let line =
                    line_with(&text, &format!("[workspace.metadata.patchy.providers.{what}]"));
                let known: Vec<&str> = providers.types.keys().map(String::as_str).collect();
                let reason = format!(
                    "`default = \"{}\"` is none of the `types` {}",
                    providers.default,
                    known.join(", ")
                );
                return Err(Error::Manifest { file, line, reason });
            }
            if let Some(name) =
                providers.features.keys().find(|name| !providers.types.contains_key(*name))
            {
                let line =
                    line_with(&text, &format!("[workspace.metadata.patchy.providers.{what}]"));
                let reason = format!("`features` names `{name}`, which is none of the `types`");
                return Err(Error::Manifest { file, line, reason });
            }
        }
        Ok(Some(Self { root: folder.to_owned(), settings, manifest }))
    }

    /// The source folder of the protocol crate, absolute.
    #[must_use]
    pub fn protocol_source(&self) -> PathBuf {
        self.root.join(&self.settings.protocol).join("src")
    }

    /// The name by which source calls the protocol crate.
    ///
    /// # Errors
    ///
    /// Its manifest is missing or damaged.
    pub fn protocol_library(&self) -> Result<String> {
        let manifest = crate::manifest::read_manifest(self, &self.settings.protocol)?;
        Ok(crate::manifest::library_name(&manifest))
    }

    /// Where everything generated goes; safe to delete.
    #[must_use]
    pub fn generated(&self) -> PathBuf {
        self.root.join("target/patchy")
    }

    /// A path as it is shown: relative to the root.
    #[must_use]
    pub fn shown<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

pub(crate) fn damaged(file: &Path, text: &str, error: &toml::de::Error) -> Error {
    let line = error.span().map_or(1, |span| files::line_of(text, span.start));
    Error::Manifest { file: file.to_owned(), line, reason: error.message().to_owned() }
}

fn line_with(text: &str, needle: &str) -> usize {
    text.find(needle).map_or(1, |byte| files::line_of(text, byte))
}
