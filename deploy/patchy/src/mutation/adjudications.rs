//! Why mutants that nobody can tell from the original live on: judged once, by a person, in
//! writing.
//!
//! ```toml
//! [[survivor]]
//! slot = "pre_order.covers"
//! mutation = "exchange in covers: `...` becomes `...`"
//! reason = "why nobody can tell it from the original"
//! ```
//!
//! A `family` may be named; without it the reference's slot is meant.

use crate::exit::{Failure, Result};
use patcher::{Inventory, REFERENCE};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where they stand, relative to the project.
pub(crate) const FILE: &str = "equivalence/adjudications.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    survivor: Vec<toml::Spanned<Entry>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    slot: String,
    #[serde(default = "reference")]
    family: String,
    mutation: String,
    reason: String,
}

fn reference() -> String {
    REFERENCE.to_owned()
}

/// A mutant, by family, slot and what was changed.
pub(crate) type Name = (String, String, String);

/// What was written about survivors.
#[derive(Debug, Default)]
pub(crate) struct Adjudications {
    file: PathBuf,
    /// The line, and the reason.
    entries: BTreeMap<Name, (usize, String)>,
}

impl Adjudications {
    /// Reads the project's file; where there is none, nothing was written.
    pub(crate) fn read(file: &Path, inventory: &Inventory) -> Result<Self> {
        match fs::read(file) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Self::parse(file, &text, inventory),
                Err(_) => Err(bad(file, 1, "the file is not text in UTF-8; save it as that")),
            },
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Ok(Self { file: file.to_owned(), ..Self::default() })
            }
            Err(error) => Err(Failure::file(file)(error)),
        }
    }

    fn parse(file: &Path, text: &str, inventory: &Inventory) -> Result<Self> {
        let line = |byte: usize| text.bytes().take(byte).filter(|b| *b == b'\n').count() + 1;
        let written: Written = toml::from_str(text).map_err(|error| {
            bad(file, error.span().map_or(1, |span| line(span.start)), error.message())
        })?;
        let mut entries: BTreeMap<Name, (usize, String)> = BTreeMap::new();
        for entry in written.survivor {
            let line = line(entry.span().start);
            let Entry { slot, family, mutation, reason } = entry.into_inner();
            let wrong = |sentence: &dyn std::fmt::Display| bad(file, line, sentence);
            inventory.slot(&slot).map_err(|error| wrong(&error))?;
            if family != REFERENCE {
                inventory.family(&family).map_err(|error| wrong(&error))?;
            }
            if reason.trim().is_empty() {
                return Err(wrong(&"the `reason` is empty: say why nobody can tell the mutant"));
            }
            let name = (family, slot, mutation);
            if let Some((first, _)) = entries.insert(name, (line, reason)) {
                let twice = format!("this stands in line {first} already: leave one of them out");
                return Err(wrong(&twice));
            }
        }
        Ok(Self { file: file.to_owned(), entries })
    }

    /// Families and slots that something was written about.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.keys().map(|(family, slot, _)| (family.as_str(), slot.as_str()))
    }

    /// Refuses what was written about mutants that there are not, all of it at once, when all are
    /// known of the texts that it speaks of.
    pub(crate) fn check(&self, exists: impl Fn(&Name) -> bool) -> Result<()> {
        let unknown = self.entries.iter().filter(|(name, _)| !exists(name));
        let mut stale: Vec<(usize, String)> = unknown
            .map(|((family, slot, mutation), (line, _))| {
                let asked = if family == REFERENCE { String::new() } else { format!(" --family {family}") };
                let sentence = format!(
                    "{}:{line}: {family}/{slot} has no mutant `{mutation}`: the code has changed, so \
                     look at it again, and take the name from `patchy mutate --slot {slot}{asked}` or \
                     leave the entry out",
                    self.file.display()
                );
                (*line, sentence)
            })
            .collect();
        stale.sort();
        let sentences: Vec<String> = stale.into_iter().map(|(_, sentence)| sentence).collect();
        if sentences.is_empty() { Ok(()) } else { Err(Failure::usage(sentences.join("\n"))) }
    }

    /// Why a mutant may live on.
    pub(crate) fn of(&self, name: &Name) -> Option<&str> {
        self.entries.get(name).map(|(_, reason)| reason.as_str())
    }
}

fn bad(file: &Path, line: usize, sentence: impl std::fmt::Display) -> Failure {
    Failure::usage(format!("{}:{line}: {sentence}", file.display()))
}
