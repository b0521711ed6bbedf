//! `family.toml`: who wrote a family's versions, from what, and having seen what.

use crate::error::{Error, Result};
use crate::files;
use crate::manifest;
use crate::project::{Project, damaged};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;

/// Where the versions of a family come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Lineage {
    /// The family's name, which is its folder's.
    pub name: String,
    /// The author: whoever answers for the versions.
    pub author: String,
    /// The model or person that wrote them.
    pub written_by: String,
    /// What they were written from.
    pub specification: Specification,
    /// What was asked beyond the specification: data structure, algorithm, control flow.
    pub mandate: String,
    /// What of other implementations the author had seen.
    #[serde(default)]
    pub seen: Vec<String>,
    /// When, as the author gives it.
    pub date: String,
    /// Whether its versions may vote, as far as the family itself goes.
    #[serde(default = "yes")]
    pub votable: bool,
    /// Whether it is a planted fault, never chosen for a plan unless an override names it.
    #[serde(default)]
    pub planted: bool,
    /// Components that have another lineage than the rest.
    #[serde(default, rename = "component", skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Differing>,
}

/// What is different about some components of a family; what is not given is as in the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Differing {
    /// The components.
    pub names: Vec<String>,
    /// The author's run that wrote them.
    pub author: Option<String>,
    /// The model or person that wrote them.
    pub written_by: Option<String>,
    /// What they were written from.
    pub specification: Option<Specification>,
    /// What was asked beyond the specification.
    pub mandate: Option<String>,
    /// What of other implementations their author had seen.
    pub seen: Option<Vec<String>>,
    /// When they were written.
    pub date: Option<String>,
}

impl Lineage {
    /// The lineage of the versions of one component, in which no component differs any more.
    #[must_use]
    pub fn of(&self, component: &str) -> Self {
        let mut own = Self { components: Vec::new(), ..self.clone() };
        let named = |differing: &&Differing| differing.names.iter().any(|name| name == component);
        if let Some(differing) = self.components.iter().find(named).cloned() {
            own.author = differing.author.unwrap_or(own.author);
            own.written_by = differing.written_by.unwrap_or(own.written_by);
            own.specification = differing.specification.unwrap_or(own.specification);
            own.mandate = differing.mandate.unwrap_or(own.mandate);
            own.seen = differing.seen.unwrap_or(own.seen);
            own.date = differing.date.unwrap_or(own.date);
        }
        own
    }

    /// Whether every component is named at most once, and every entry names one.
    fn check_components(&self) -> std::result::Result<(), String> {
        let mut named = std::collections::BTreeSet::new();
        for differing in &self.components {
            if differing.names.is_empty() {
                return Err("a `[[component]]` names none: list them in `names`".to_owned());
            }
            if let Some(twice) = differing.names.iter().find(|name| !named.insert(*name)) {
                return Err(format!("the component `{twice}` is named twice: name it once"));
            }
        }
        Ok(())
    }
}

/// From which statement of the protocol a version was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Specification {
    /// The slot's doc comment.
    Contract,
    /// The paper's sections and pseudocode alone.
    Paper,
    /// Invariants and examples alone.
    Invariants,
}

impl fmt::Display for Specification {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Contract => "contract",
            Self::Paper => "paper",
            Self::Invariants => "invariants",
        })
    }
}

impl std::str::FromStr for Specification {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "contract" => Ok(Self::Contract),
            "paper" => Ok(Self::Paper),
            "invariants" => Ok(Self::Invariants),
            other => Err(format!("`{other}` is none of `contract`, `paper` and `invariants`")),
        }
    }
}

const fn yes() -> bool {
    true
}

/// Reads a `family.toml`.
///
/// # Errors
///
/// [`Error::Manifest`] if it is damaged or names another family than its folder.
pub fn read_lineage(file: &Path) -> Result<Lineage> {
    let text = files::read_text(file)?;
    let lineage: Lineage = toml::from_str(&text).map_err(|error| damaged(file, &text, &error))?;
    let folder = file.parent().and_then(Path::file_name).unwrap_or_default();
    if folder != lineage.name.as_str() {
        return Err(Error::Manifest {
            file: file.to_owned(),
            line: 1,
            reason: format!(
                "the family `{}` stands in the folder `{}`: give both one name",
                lineage.name,
                folder.to_string_lossy()
            ),
        });
    }
    let wrong = |reason| Error::Manifest { file: file.to_owned(), line: 1, reason };
    check_family_name(&lineage.name).map_err(wrong)?;
    lineage.check_components().map_err(wrong)?;
    Ok(lineage)
}

/// Whether a family may be called so in any project; if not, what is wrong, with the mend.
fn check_family_name(name: &str) -> std::result::Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let fits = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(plain);
    if !fits {
        return Err(format!(
            "`{name}` cannot name a family: use lower-case letters, digits and `_`"
        ));
    }
    if TAKEN.contains(&name) || syn::parse_str::<syn::Ident>(name).is_err() {
        return Err(format!(
            "`{name}` cannot name a family: it has a meaning of its own in Rust or here; take another \
             name"
        ));
    }
    Ok(())
}

/// Names that mean something else, beside the keywords that the parser knows: what a text is called
/// that is of no family, crates that come with the compiler, and a keyword of the edition.
const TAKEN: &[&str] = &[
    crate::inventory::REFERENCE,
    "alloc",
    "candidate",
    "core",
    "gen",
    "proc_macro",
    "std",
    "test",
];

/// Whether a family of a project may be called so: not as a keyword, and as no other crate there, for
/// which the family's own would be taken.
///
/// # Errors
///
/// What is wrong with the name, with the mend.
pub fn check_family(project: &Project, name: &str) -> std::result::Result<(), String> {
    check_family_name(name)?;
    if manifest::crate_names(project).contains(name) {
        return Err(format!(
            "`{name}` cannot name a family: another crate of the project is called so; take another \
             name"
        ));
    }
    Ok(())
}
