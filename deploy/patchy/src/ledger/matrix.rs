//! Which drafts failed on which inputs, over one frozen set of inputs.
//!
//! `equivalence/failures/drafts.csv` has a header `version,input` and one failure a row;
//! `drafts.json` beside it says what the numbers mean. A version is a family, or the reference; each
//! slot has `cases` inputs, one slot's after the other's in order of `slots`.

use super::write;
use crate::commands::check::text;
use crate::exit::{Failure, Result};
use patcher::{Project, REFERENCE};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Of the files.
const FORMAT: u32 = 1;

/// What the rows are about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Matrix {
    pub(crate) format: u32,
    pub(crate) date: String,
    /// Decides the inputs.
    pub(crate) seed: u64,
    /// Inputs a slot.
    pub(crate) cases: u64,
    /// SHA-256 over what judged.
    pub(crate) bench: String,
    /// By number; the first is the reference.
    pub(crate) versions: Vec<String>,
    /// In order of their inputs.
    pub(crate) slots: Vec<String>,
    /// SHA-256 of the texts judged, by `family/component.slot`.
    pub(crate) judged: BTreeMap<String, String>,
    /// Texts before them that do not compile, or break the rules: a class of their own.
    pub(crate) unfit: BTreeMap<String, Vec<String>>,
    /// Drafts that could not be judged, with the reason.
    pub(crate) unjudged: BTreeMap<String, String>,
    /// Failures: `versions` by number to inputs. They are rows of the table.
    #[serde(skip)]
    pub(crate) rows: BTreeMap<usize, BTreeSet<u64>>,
}

impl Matrix {
    /// Nothing judged yet.
    pub(crate) fn new(seed: u64, cases: u64, bench: String, slots: Vec<String>) -> Self {
        Self {
            format: FORMAT,
            date: super::today(),
            seed,
            cases,
            bench,
            versions: vec![REFERENCE.to_owned()],
            slots,
            judged: BTreeMap::new(),
            unfit: BTreeMap::new(),
            unjudged: BTreeMap::new(),
            rows: BTreeMap::new(),
        }
    }

    /// How many inputs there are in all.
    pub(crate) fn inputs(&self) -> u64 {
        self.cases * self.slots.len() as u64
    }

    /// Notes the cases of a slot on which a version failed.
    pub(crate) fn note(&mut self, family: &str, slot: &str, cases: &[u64]) {
        let Some(at) = self.slots.iter().position(|known| known == slot) else { return };
        let version = match self.versions.iter().position(|known| known == family) {
            Some(version) => version,
            None => {
                self.versions.push(family.to_owned());
                self.versions.len() - 1
            }
        };
        let first = at as u64 * self.cases;
        self.rows.entry(version).or_default().extend(cases.iter().map(|case| first + case));
    }

    /// The cases of a slot on which a family's draft failed; `None` if it was not judged.
    pub(crate) fn failed(&self, family: &str, slot: &str) -> Option<Vec<u64>> {
        let at = self.slots.iter().position(|known| known == slot)?;
        if family != REFERENCE && !self.judged.contains_key(&format!("{family}/{slot}")) {
            return None;
        }
        let (first, end) = (at as u64 * self.cases, (at as u64 + 1) * self.cases);
        let version = self.versions.iter().position(|known| known == family);
        let rows = version.and_then(|version| self.rows.get(&version)).into_iter().flatten();
        Some(rows.filter(|row| (first..end).contains(row)).map(|row| row - first).collect())
    }

    fn files(project: &Project) -> (PathBuf, PathBuf) {
        let folder = project.root.join("equivalence/failures");
        (folder.join("drafts.json"), folder.join("drafts.csv"))
    }

    /// What was judged last, if anything was.
    pub(crate) fn read(project: &Project) -> Result<Option<Self>> {
        let (about, table) = Self::files(project);
        if !about.is_file() {
            return Ok(None);
        }
        let bad = |file: &PathBuf, line: usize, what: &str| {
            let again = "judge again with `patchy ledger rejudge`";
            Failure::usage(format!("{}:{line}: {what}: {again}", file.display()))
        };
        let mut matrix: Self = serde_json::from_str(&text(&about)?)
            .map_err(|error| bad(&about, error.line(), &error.to_string()))?;
        for (line, number) in text(&table)?.lines().zip(1_usize..).skip(1) {
            let row = line.split_once(',').and_then(|(version, input)| {
                let (version, input): (usize, u64) = (version.parse().ok()?, input.parse().ok()?);
                (version < matrix.versions.len() && input < matrix.inputs())
                    .then_some((version, input))
            });
            let (version, input) =
                row.ok_or_else(|| bad(&table, number, "this is no version and input"))?;
            matrix.rows.entry(version).or_default().insert(input);
        }
        Ok(Some(matrix))
    }

    /// Writes both files; gives the table's.
    pub(crate) fn write(&self, project: &Project) -> Result<PathBuf> {
        let (about, table) = Self::files(project);
        let mut rows = String::from("version,input\n");
        for (version, inputs) in &self.rows {
            for input in inputs {
                // Numbers go into a text: this cannot fail.
                let _ = writeln!(rows, "{version},{input}");
            }
        }
        write(&table, &rows)?;
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Failure::internal(format!("the table of failures: {error}")))?;
        write(&about, &(text + "\n"))?;
        Ok(table)
    }
}
