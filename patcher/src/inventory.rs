//! All slots, families and versions of a project.

use crate::error::{Error, Result};
use crate::files;
use crate::lineage::{Lineage, check_family, read_lineage};
use crate::project::{Project, Providers};
use slot_syntax::component::MODEL;
use slot_syntax::{
    Component, Errors, Slot, SlotPath, Version, check_component, check_version, find_components,
    find_slots,
};
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
    /// All component slots, by path.
    pub components: BTreeMap<SlotPath, Component>,
    /// The reference's texts of each of them, by file below the protocol's source, its abstract state
    /// left out.
    pub parts: BTreeMap<SlotPath, BTreeMap<PathBuf, String>>,
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
    /// Versions by slot, those of whole components among them.
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

/// One implementation of one slot, or of a whole component.
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

    /// A version of a whole component, from a text that need not be a file of the project.
    #[must_use]
    pub fn of_component(component: &Component, family: &str, file: &Path, text: String) -> Self {
        Self {
            slot: component.path.clone(),
            family: family.to_owned(),
            file: file.to_owned(),
            sha256: files::sha256(text.as_bytes()),
            fit: check_component(component, file, &text),
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
        let (mut components, mut parts) = (BTreeMap::new(), BTreeMap::new());
        let all: Vec<Slot> = slots.values().cloned().collect();
        for component in find_components(&source, &all)? {
            let own = component.files.iter().filter(|file| !file.ends_with(MODEL));
            let read = |file: &PathBuf| Ok((file.clone(), files::read_text(&source.join(file))?));
            parts.insert(component.path.clone(), own.map(read).collect::<Result<_>>()?);
            components.insert(component.path.clone(), component);
        }
        let known = Known { slots: &slots, components: &components };
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
                let family = read_family(project, &known, &folder, lineage)?;
                families.insert(family.lineage.name.clone(), family);
            }
        }
        let providers = project.settings.providers.clone();
        let refused = BTreeMap::new();
        Ok(Self { slots, texts, components, parts, families, providers, refused })
    }

    /// A slot by its path.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSlot`], [`Error::Component`].
    pub fn slot(&self, name: &str) -> Result<&Slot> {
        let path = name.parse::<SlotPath>().ok();
        if let Some(component) = path.as_ref().filter(|path| self.components.contains_key(path)) {
            return Err(Error::Component { name: component.to_string() });
        }
        let found = path.and_then(|path| self.slots.get(&path));
        found.ok_or_else(|| Error::UnknownSlot { name: name.to_owned(), known: self.names() })
    }

    /// The path of a function slot or of a component slot, by its name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSlot`].
    pub fn path(&self, name: &str) -> Result<SlotPath> {
        let path = name.parse::<SlotPath>().ok();
        path.filter(|path| self.fingerprint(path).is_some())
            .ok_or_else(|| Error::UnknownSlot { name: name.to_owned(), known: self.names() })
    }

    /// The fingerprint of a function slot or of a component slot.
    #[must_use]
    pub fn fingerprint(&self, path: &SlotPath) -> Option<&str> {
        let slot = self.slots.get(path).map(|slot| &slot.fingerprint);
        slot.or_else(|| self.components.get(path).map(|whole| &whole.fingerprint))
            .map(String::as_str)
    }

    /// A version of a slot or component from a text that need not be a file of the project.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSlot`].
    pub fn version_of(
        &self,
        path: &SlotPath,
        family: &str,
        file: &Path,
        text: String,
    ) -> Result<VersionFile> {
        match self.components.get(path) {
            Some(component) => Ok(VersionFile::of_component(component, family, file, text)),
            None => Ok(VersionFile::new(self.slot(&path.to_string())?, family, file, text)),
        }
    }

    /// The function slots for which a version stands: its own, or all of its component.
    pub fn covered<'a>(&'a self, path: &'a SlotPath) -> impl Iterator<Item = &'a Slot> {
        self.slots.values().filter(move |slot| {
            let whole = path.is_component() && slot.path.component == path.component;
            whole || slot.path == *path
        })
    }

    /// Names of all slots, function slots first.
    fn names(&self) -> Vec<String> {
        self.slots.keys().chain(self.components.keys()).map(ToString::to_string).collect()
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
        let path = &self.path(slot)?;
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

/// What a family's files can be versions of.
struct Known<'a> {
    slots: &'a BTreeMap<SlotPath, Slot>,
    components: &'a BTreeMap<SlotPath, Component>,
}

impl Known<'_> {
    /// The version that a file below a family's source is, by its place there.
    fn version(
        &self,
        place: &Path,
        family: &str,
        file: &Path,
        text: &dyn Fn() -> Result<String>,
    ) -> Result<Option<VersionFile>> {
        let at = |path: &SlotPath| place == Path::new(&path.file());
        if let Some(slot) = self.slots.values().find(|slot| at(&slot.path)) {
            return Ok(Some(VersionFile::new(slot, family, file, text()?)));
        }
        match self.components.values().find(|component| at(&component.path)) {
            None => Ok(None),
            Some(whole) => Ok(Some(VersionFile::of_component(whole, family, file, text()?))),
        }
    }
}

fn read_family(
    project: &Project,
    known: &Known<'_>,
    folder: &Path,
    lineage: Lineage,
) -> Result<Family> {
    let is_known = |name: &&String| {
        known.slots.keys().chain(known.components.keys()).any(|slot| slot.component == **name)
    };
    let mut differing = lineage.components.iter().flat_map(|differing| &differing.names);
    if let Some(name) = differing.find(|name| !is_known(name)) {
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
        let text = || files::read_text(&file);
        match known.version(relative, &family.lineage.name, shown, &text)? {
            None => family.strays.push(shown.to_owned()),
            Some(version) => {
                family.versions.insert(version.slot.clone(), version);
            }
        }
    }
    Ok(family)
}
