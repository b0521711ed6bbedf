//! Mutants: versions with one small fault each, to see whether a bench would notice.
//!
//! A mutant is made from the text of a version, or of the reference's slot, by replacing bytes at
//! places that the parser names; all other bytes stay. What is replaced by what, the operators, is
//! in [`find`]; it knows no protocol beyond the shape of slots (`effects` is what a handler emits
//! into) and the groups of names in `[workspace.metadata.patchy.mutate]`. Types are not known here:
//! whether a mutant compiles, the compiler says.
//!
//! What is seen to be no fault is not made: two statements do not change places where neither
//! writes what the other reads or writes ([`places`] has the rule). In doubt a mutant is made. What
//! is emitted is one place, so two emissions in the other order are a fault until a person says
//! that their slot's contract leaves the order open.

mod alike;
mod declared;
mod find;
mod operators;
mod places;
mod statements;
mod tame;

pub use operators::Operator;

use crate::as_version::as_version;
use crate::error::Result;
use crate::files;
use crate::inventory::{Inventory, REFERENCE, VersionFile};
use crate::project::Project;
use crate::random::Random;
use alike::Alike;
use declared::Declared;
use find::{Change, changes};
use slot_syntax::{Slot, SlotPath, parse_file};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One fault in one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// The slot.
    pub slot: SlotPath,
    /// Whose version was mutated; `reference` for the reference's slot.
    pub family: String,
    /// The file, relative to the project.
    pub file: PathBuf,
    /// The line of the change, from 1.
    pub line: usize,
    /// What kind of change.
    pub operator: Operator,
    /// The change in words, without line numbers: no other mutant of this text has the same. It
    /// stays when other parts of the text change.
    pub mutation: String,
    /// The text of the mutant, as a version.
    pub text: String,
}

/// The mutants of one text, and the text itself.
#[derive(Debug, Clone)]
pub struct Mutated {
    /// Whose.
    pub family: String,
    /// The slot.
    pub slot: SlotPath,
    /// The text without a fault, as a version: what mutants are to be told from.
    pub baseline: String,
    /// In order of their places.
    pub mutants: Vec<Mutant>,
}

/// Makes mutants of texts of one project.
#[derive(Debug)]
pub struct Mutator<'a> {
    project: &'a Project,
    inventory: &'a Inventory,
    alike: Alike,
    declared: Declared,
}

impl<'a> Mutator<'a> {
    /// Reads which fields can be mistaken for each other, and what can be written through, from all
    /// that stands beside the protocol crate.
    ///
    /// # Errors
    /// Files that cannot be read or are not Rust.
    pub fn new(project: &'a Project, inventory: &'a Inventory) -> Result<Self> {
        let protocol = project.root.join(&project.settings.protocol);
        let beside = protocol.parent().unwrap_or(&protocol);
        let (mut alike, mut declared) = (Alike::default(), Declared::default());
        for file in slot_syntax::find::rust_files(beside)? {
            let parsed = parse_file(&file, &files::read_text(&file)?)?;
            alike.read(&parsed);
            declared.read(&parsed);
        }
        Ok(Self { project, inventory, alike, declared })
    }

    /// All mutants of the reference's slot.
    ///
    /// # Errors
    /// The slot does not stand in a file of its own.
    pub fn reference(&self, slot: &Slot) -> Result<Mutated> {
        let text = &self.inventory.texts[&slot.path];
        let file = self.project.settings.protocol.join("src").join(&slot.file);
        let convert = |text: &str| as_version(self.project, slot, text);
        let baseline = convert(text)?;
        // What cannot be converted cannot be compiled either: that is for the compiler to say.
        let converted = |text: String| convert(&text).unwrap_or(text);
        self.mutated((&slot.path, REFERENCE, &file), text, baseline, &converted)
    }

    /// All mutants of a family's version.
    ///
    /// # Errors
    /// The text is not Rust.
    pub fn version(&self, version: &VersionFile) -> Result<Mutated> {
        let place = (&version.slot, version.family.as_str(), version.file.as_path());
        self.mutated(place, &version.text, version.text.clone(), &|text| text)
    }

    fn mutated(
        &self,
        (slot, family, file): (&SlotPath, &str, &Path),
        text: &str,
        baseline: String,
        converted: &dyn Fn(String) -> String,
    ) -> Result<Mutated> {
        let parsed = parse_file(file, text)?;
        let (mut alike, mut declared) = (self.alike.clone(), self.declared.clone());
        alike.read(&parsed);
        declared.read_version(&parsed);
        let groups = &self.project.settings.mutate.exchange;
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut mutants = Vec::new();
        for change in changes(&parsed, text, (&alike, &declared), groups) {
            let mutant = converted(change.apply(text));
            // The import of the slot's attribute, and types that callers know, are not the version's.
            if mutant == baseline {
                continue;
            }
            let mut mutation = describe(&change, text);
            let times = seen.entry(mutation.clone()).or_default();
            *times += 1;
            if *times > 1 {
                mutation = format!("{mutation} ({times})");
            }
            mutants.push(Mutant {
                slot: slot.clone(),
                family: family.to_owned(),
                file: file.to_owned(),
                line: files::line_of(text, change.range.start),
                operator: change.operator,
                mutation,
                text: mutant,
            });
        }
        Ok(Mutated { family: family.to_owned(), slot: slot.clone(), baseline, mutants })
    }
}

/// `amount` of the mutants, chosen by a seed, in their order; all if there are no more.
#[must_use]
pub fn sample(mutants: Vec<Mutant>, amount: usize, seed: u64) -> Vec<Mutant> {
    let mut order: Vec<usize> = (0..mutants.len()).collect();
    Random::new(seed).shuffle(&mut order);
    order.truncate(amount);
    order.sort_unstable();
    let mut mutants: Vec<Option<Mutant>> = mutants.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| mutants.get_mut(at).and_then(Option::take)).collect()
}

/// Characters of one side of a change that a person is shown.
const SHOWN: usize = 160;

/// Function, operator, and the changed lines before and after, as one line.
fn describe(change: &Change, text: &str) -> String {
    let start = text[..change.range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[change.range.end..].find('\n').map_or(text.len(), |at| change.range.end + at);
    let old = one_line(&text[start..end]);
    let before = &text[start..change.range.start];
    let new = one_line(&format!("{before}{}{}", change.new, &text[change.range.end..end]));
    let new = if new.is_empty() { "nothing".to_owned() } else { format!("`{new}`") };
    format!("{} in {}: `{old}` becomes {new}", change.operator, change.function)
}

/// Without line breaks, and with the middle left out if it is long.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    let length = line.chars().count();
    if length <= SHOWN {
        return line;
    }
    let head: String = line.chars().take(SHOWN / 2).collect();
    let tail: String = line.chars().skip(length - SHOWN / 2).collect();
    format!("{} ... {}", head.trim_end(), tail.trim_start())
}
