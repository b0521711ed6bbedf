//! `family.toml`: who wrote a family's versions, from what, and having seen what.

use crate::error::{Error, Result};
use crate::files;
use crate::project::damaged;
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
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !lineage.name.starts_with(|c: char| c.is_ascii_lowercase())
        || !lineage.name.chars().all(plain)
        || lineage.name == crate::inventory::REFERENCE
    {
        return Err(Error::Manifest {
            file: file.to_owned(),
            line: 1,
            reason: format!(
                "`{}` cannot name a family: use lower-case letters, digits and `_`, and not \
                 `reference`",
                lineage.name
            ),
        });
    }
    Ok(lineage)
}
