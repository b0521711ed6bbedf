//! All slots, families and versions of a project.

use crate::error::{Error, Result};
use crate::files;
use crate::lineage::{Lineage, check_family, read_lineage};
use crate::project::{Project, Providers};
use slot_syntax::{Errors, Slot, SlotPath, Version, check_version, find_slots};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The name under which the reference counts as a family.
pub const REFERENCE: &str = "reference";

/// What a project has to compose from.
#[derive(Debug, Clone)]
pub struct Inventory {
    /// All slots, by path.
    pub slots: BTreeMap<SlotPath, Slot>,
    /// The reference's text of every slot's file.
    pub texts: BTreeMap<SlotPath, String>,
    /// All families, by name; the reference is not among them.
    pub families: BTreeMap<String, Family>,
    /// What programs stand on beside versions, by what is provided.
    pub providers: BTreeMap<String, Providers>,
    /// Why versions may not be used, by name as [`VersionFile::name`] gives it. Nobody is refused
    /// by reading alone: whoever knows the verdicts fills it.
    pub refused: BTreeMap<String, Refusal>,
}

/// Why a version may not be used without an override.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It was found to do what it must not do; by what.
    Rejected(String),
    /// It was looked at, and that decided nothing; why not.
    Undecided(String),
    /// Nobody has looked at it as it stands now.
    Unjudged,
}

/// One author's set of versions.
#[derive(Debug, Clone)]
pub struct Family {
    /// Who, from what, when.
    pub lineage: Lineage,
    /// Versions by slot.
    pub versions: BTreeMap<SlotPath, VersionFile>,
    /// Source files that belong to no slot, relative to the project.
    pub strays: Vec<PathBuf>,
}

impl Family {
    /// Whether its versions may vote, as far as its lineage says.
    #[must_use]
    pub const fn may_vote(&self) -> bool {
        self.lineage.votable && !self.lineage.planted
    }
}

/// One implementation of one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionFile {
    /// The slot.
    pub slot: SlotPath,
    /// The family.
    pub family: String,
    /// The file, relative to the project.
    pub file: PathBuf,
    /// Its text.
    pub text: String,
    /// SHA-256 of the text, in hex.
    pub sha256: String,
    /// Whether it fits its slot, and where its entry function is.
    pub fit: Result<Version, Errors>,
}

impl VersionFile {
    /// A version from a text that need not be a file of the project.
    #[must_use]
    pub fn new(slot: &Slot, family: &str, file: &Path, text: String) -> Self {
        Self {
            slot: slot.path.clone(),
            family: family.to_owned(),
            file: file.to_owned(),
            sha256: files::sha256(text.as_bytes()),
            fit: check_version(slot, file, &text),
            text,
        }
    }

    /// `family/component.slot`, as overrides and reports name a version.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.family, self.slot)
    }
}

impl Inventory {
    /// Reads the protocol's source and all families.
    ///
    /// A version that does not fit is kept with its errors: it costs its own verdict and nothing
    /// else.
    ///
    /// # Errors
    ///
    /// Damaged slots, damaged `family.toml` files, unreadable files.
    pub fn read(project: &Project) -> Result<Self> {
        let source = project.protocol_source();
        let mut slots = BTreeMap::new();
        let mut texts = BTreeMap::new();
        for slot in find_slots(&source)? {
            texts.insert(slot.path.clone(), files::read_text(&source.join(&slot.file))?);
            slots.insert(slot.path.clone(), slot);
        }
        let mut families = BTreeMap::new();
        let variants = project.root.join(&project.settings.variants);
        for folder in folders(&variants)? {
            let file = folder.join("family.toml");
            if file.is_file() {
                let lineage = read_lineage(&file)?;
                check_family(project, &lineage.name).map_err(|reason| Error::Manifest {
                    file,
                    line: 1,
                    reason,
                })?;
                let family = read_family(project, &slots, &folder, lineage)?;
                families.insert(family.lineage.name.clone(), family);
            }
        }
        let providers = project.settings.providers.clone();
        Ok(Self { slots, texts, families, providers, refused: BTreeMap::new() })
    }

    /// A slot by its path.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSlot`].
    pub fn slot(&self, name: &str) -> Result<&Slot> {
        let found = name.parse::<SlotPath>().ok().and_then(|path| self.slots.get(&path));
        found.ok_or_else(|| Error::UnknownSlot {
            name: name.to_owned(),
            known: self.slots.keys().map(ToString::to_string).collect(),
        })
    }

    /// One slot, or all slots of a component, by name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSlot`].
    pub fn slots_named(&self, name: &str) -> Result<Vec<&Slot>> {
        let component: Vec<&Slot> =
            self.slots.values().filter(|slot| slot.path.component == name).collect();
        if component.is_empty() { self.slot(name).map(|slot| vec![slot]) } else { Ok(component) }
    }

    /// A family by its name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownFamily`].
    pub fn family(&self, name: &str) -> Result<&Family> {
        self.families.get(name).ok_or_else(|| Error::UnknownFamily {
            name: name.to_owned(),
            known: self.families.keys().cloned().collect(),
        })
    }

    /// A family's version of a slot.
    ///
    /// # Errors
    ///
    /// Unknown family or slot, or [`Error::NoVersion`].
    pub fn version(&self, project: &Project, family: &str, slot: &str) -> Result<&VersionFile> {
        let path = &self.slot(slot)?.path;
        self.family(family)?.versions.get(path).ok_or_else(|| Error::NoVersion {
            family: family.to_owned(),
            slot: slot.to_owned(),
            file: version_path(project, family, path),
        })
    }

    /// Whether a plan may take a version without an override: its family may vote, it fits its
    /// slot, and nothing is known against it.
    #[must_use]
    pub fn is_usable(&self, version: &VersionFile) -> bool {
        let votes = self.families.get(&version.family).is_some_and(Family::may_vote);
        votes && version.fit.is_ok() && !self.refused.contains_key(&version.name())
    }

    /// All versions of all families, by family and slot.
    pub fn versions(&self) -> impl Iterator<Item = &VersionFile> {
        self.families.values().flat_map(|family| family.versions.values())
    }
}

/// Where a family's version of a slot stands, relative to the project.
#[must_use]
pub fn version_path(project: &Project, family: &str, slot: &SlotPath) -> PathBuf {
    project.settings.variants.join(family).join("src").join(slot.file())
}

fn folders(parent: &Path) -> Result<Vec<PathBuf>> {
    if !parent.is_dir() {
        return Ok(Vec::new());
    }
    let mut folders = Vec::new();
    for entry in fs::read_dir(parent).map_err(Error::io(parent))? {
        let path = entry.map_err(Error::io(parent))?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

fn read_family(
    project: &Project,
    slots: &BTreeMap<SlotPath, Slot>,
    folder: &Path,
    lineage: Lineage,
) -> Result<Family> {
    let known = |name: &&String| slots.keys().any(|slot| slot.component == **name);
    let mut differing = lineage.components.iter().flat_map(|differing| &differing.names);
    if let Some(name) = differing.find(|name| !known(name)) {
        return Err(Error::Manifest {
            file: folder.join("family.toml"),
            line: 1,
            reason: format!(
                "no component is called `{name}`: look at the names in `[[component]]`"
            ),
        });
    }
    let source = folder.join("src");
    let mut family = Family { lineage, versions: BTreeMap::new(), strays: Vec::new() };
    if !source.is_dir() {
        return Ok(family);
    }
    for file in slot_syntax::find::rust_files(&source)? {
        let name = file.file_name().unwrap_or_default();
        if name == "lib.rs" || name == "mod.rs" {
            continue;
        }
        let shown = project.shown(&file);
        let relative = file.strip_prefix(&source).unwrap_or(&file);
        match slots.values().find(|slot| relative == Path::new(&slot.path.file())) {
            None => family.strays.push(shown.to_owned()),
            Some(slot) => {
                let text = files::read_text(&file)?;
                let version = VersionFile::new(slot, &family.lineage.name, shown, text);
                family.versions.insert(slot.path.clone(), version);
            }
        }
    }
    Ok(family)
}
