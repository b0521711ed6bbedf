//! The ledger: how each version came about, from its author's first draft on.
//!
//! `variants/<family>/ledger/<component>.<slot>/record.json` tells who wrote from what, which
//! findings were shown, and what came of each attempt; `1.rs`, `2.rs`, ... beside it are the
//! attempts' texts as they came, and `run-1.json`, ... what was said to a model and by it. No attempt in
//! it is ever replaced: it is noted before it is judged, what comes of it is added, and what comes later is
//! appended. So faults that authors made are still there when estimates need them, after the versions were
//! mended.

mod book;
mod date;
mod matrix;
mod mutants;
mod rejudge;

pub(crate) use book::{Entry, entries, families, missing};
pub(crate) use matrix::Matrix;
pub(crate) use mutants::{Mutants, judge_mutants};
pub(crate) use rejudge::{Inputs, rejudge};

use crate::exit::{Failure, Result};
use crate::gate::{Class, Passage, Reason};
pub(crate) use date::today;
use patcher::{Inventory, Lineage, Project, Specification, sha256};
use serde::{Deserialize, Serialize};
use slot_syntax::SlotPath;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use verdict::Decision;

/// Of the files.
const FORMAT: u32 = 1;

/// How one family's version of one slot came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    pub(crate) format: u32,
    pub(crate) family: String,
    /// As `component.slot`.
    pub(crate) slot: String,
    /// Whoever answers for it.
    pub(crate) author: String,
    /// In order of time.
    pub(crate) attempts: Vec<Attempt>,
}

/// One text, or a reply that held none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attempt {
    /// Attempts of one run, from 1, followed one another in one conversation.
    pub(crate) run: u32,
    pub(crate) date: String,
    /// The model or person.
    pub(crate) written_by: String,
    pub(crate) specification: Specification,
    /// What was asked beyond it.
    pub(crate) mandate: String,
    /// SHA-256 of the prompt, in hex; nothing where nobody kept it.
    pub(crate) prompt_sha256: Option<String>,
    /// The slot's fingerprint, over signature and contract, when it was judged; nothing where nobody
    /// kept it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fingerprint: Option<String>,
    /// What the author found ambiguous, in the author's words.
    pub(crate) ambiguities: Option<String>,
    /// The findings that its author had seen.
    pub(crate) shown: Vec<String>,
    /// The text, beside the record; nothing where a reply held none.
    pub(crate) file: Option<String>,
    pub(crate) sha256: Option<String>,
    /// `accepted`, `rejected`, `undecided`, or nothing where no judge's word was kept.
    pub(crate) verdict: Option<String>,
    pub(crate) class: Option<Class>,
    pub(crate) reasons: Vec<String>,
    pub(crate) tokens_in: u64,
    pub(crate) tokens_out: u64,
    /// Whether it became the family's version.
    pub(crate) kept: bool,
    /// Why, or why not.
    pub(crate) why: String,
    /// Why it is not judged any more, if it is not: its slot asks for something else since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retired: Option<String>,
}

/// What a run has in common.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) written_by: String,
    pub(crate) specification: Specification,
    pub(crate) mandate: String,
    pub(crate) prompt_sha256: Option<String>,
}

/// What is new in one attempt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tried {
    pub(crate) text: Option<String>,
    pub(crate) ambiguities: Option<String>,
    pub(crate) shown: Vec<String>,
    pub(crate) tokens_in: u64,
    pub(crate) tokens_out: u64,
}

/// What stands in the ledger from before a text is judged until it was.
const BEGUN: &str = "its judging did not come to an end";

/// The ledger of one slot in one family, while it is written.
///
/// An attempt is noted before it is judged, so that none is lost when judging is interrupted; what is said
/// of it is added afterwards. Others may write the same ledger meanwhile.
#[derive(Debug)]
pub(crate) struct Ledger {
    folder: PathBuf,
    /// Whoever has this file locked writes.
    lock: PathBuf,
    /// Without attempts.
    new: Record,
    /// The number of this run, once it has one.
    run: Option<u32>,
    /// The slot's, as it is.
    fingerprint: Option<String>,
}

/// Which attempt, by its place in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Noted(usize);

impl Ledger {
    /// Opens it for a new run.
    pub(crate) fn open(
        project: &Project,
        inventory: &Inventory,
        lineage: &Lineage,
        slot: &SlotPath,
    ) -> Result<Self> {
        let new = Record {
            format: FORMAT,
            family: lineage.name.clone(),
            slot: slot.to_string(),
            author: lineage.of(&slot.component).author,
            attempts: Vec::new(),
        };
        let folder = folder(project, &lineage.name).join(slot.to_string());
        let lock = lock_of(project);
        let fingerprint = inventory.fingerprint(slot).map(str::to_owned);
        let ledger = Self { folder, lock, new, run: None, fingerprint };
        // What is wrong with it is said before there is anything to write.
        ledger.record()?;
        Ok(ledger)
    }

    /// Notes an attempt of which nothing is known yet, and its text.
    pub(crate) fn begin(&mut self, origin: &Origin, tried: Tried) -> Result<Noted> {
        let _lock = self.lock()?;
        let mut record = self.record()?;
        let run = self.run_of(&record);
        self.run = Some(run);
        let number = record.attempts.len() + 1;
        let file = tried.text.as_deref().map(|text| self.keep(number, text)).transpose()?;
        record.attempts.push(Attempt {
            run,
            date: today(),
            written_by: origin.written_by.clone(),
            specification: origin.specification,
            mandate: origin.mandate.clone(),
            prompt_sha256: origin.prompt_sha256.clone(),
            fingerprint: self.fingerprint.clone(),
            ambiguities: tried.ambiguities,
            shown: tried.shown,
            file,
            sha256: tried.text.map(|text| sha256(text.as_bytes())),
            verdict: None,
            class: None,
            reasons: Vec::new(),
            tokens_in: tried.tokens_in,
            tokens_out: tried.tokens_out,
            kept: false,
            why: BEGUN.to_owned(),
            retired: None,
        });
        self.write(&record)?;
        Ok(Noted(number - 1))
    }

    /// Adds what came of an attempt.
    pub(crate) fn judged(&self, attempt: Noted, passage: Result<&Passage, &Reason>) -> Result<()> {
        let (verdict, reasons, why) = match passage {
            Ok(passage) if passage.is_through() => {
                let why = "it came through the gate, and was not put into its family: `patchy ingest \
                           --replace` does so";
                (Some(word(passage.verdict.verdict)), Vec::new(), why)
            }
            Ok(passage) => {
                let verdict = word(passage.verdict.verdict);
                (Some(verdict), passage.reasons.clone(), "the gate refused it")
            }
            Err(reason) if reason.class == Class::Reply => {
                (None, vec![reason.clone()], "the reply held no version")
            }
            Err(reason) => (None, vec![reason.clone()], "the gate refused it"),
        };
        self.change(attempt, |noted| {
            noted.verdict = verdict;
            noted.class = reasons.first().map(|reason| reason.class);
            noted.reasons = reasons.into_iter().map(|reason| reason.sentence).collect();
            noted.why = why.to_owned();
        })
    }

    /// Adds that an attempt became its family's version.
    pub(crate) fn kept(&self, attempt: Noted) -> Result<()> {
        self.change(attempt, |noted| {
            noted.kept = true;
            noted.why = "it came through the gate".to_owned();
        })
    }

    /// Where this run's exchanges go: a file that no other run has.
    pub(crate) fn cassette(&mut self) -> Result<PathBuf> {
        let _lock = self.lock()?;
        let mut run = self.run_of(&self.record()?);
        let file = |run: u32| self.folder.join(format!("run-{run}.json"));
        if self.run.is_none() {
            fs::create_dir_all(&self.folder).map_err(Failure::file(&self.folder))?;
            while let Err(error) = File::create_new(file(run)) {
                match error.kind() {
                    ErrorKind::AlreadyExists => run += 1,
                    _ => return Err(Failure::file(&file(run))(error)),
                }
            }
        }
        let file = file(run);
        self.run = Some(run);
        Ok(file)
    }

    /// This run's number, or the next one that is free.
    fn run_of(&self, record: &Record) -> u32 {
        self.run.unwrap_or_else(|| 1 + record.attempts.iter().map(|one| one.run).max().unwrap_or(0))
    }

    /// Writes a text under the first number from this one on that no file has; gives the file's name.
    fn keep(&self, mut number: usize, text: &str) -> Result<String> {
        fs::create_dir_all(&self.folder).map_err(Failure::file(&self.folder))?;
        loop {
            let name = format!("{number}.rs");
            let file = self.folder.join(&name);
            match File::create_new(&file) {
                Ok(mut new) => {
                    new.write_all(text.as_bytes()).map_err(Failure::file(&file))?;
                    return Ok(name);
                }
                // Of one who was interrupted before the record had it.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(Failure::file(&file)(error)),
            }
        }
    }

    fn change(&self, Noted(place): Noted, change: impl FnOnce(&mut Attempt)) -> Result<()> {
        let _lock = self.lock()?;
        let mut record = self.record()?;
        let file = self.folder.join("record.json");
        let attempt = record.attempts.get_mut(place).ok_or_else(|| {
            let file = file.display();
            Failure::usage(format!("{file}: an attempt is gone that was noted: put it back"))
        })?;
        change(attempt);
        self.write(&record)
    }

    fn lock(&self) -> Result<File> {
        lock(&self.lock)
    }

    fn record(&self) -> Result<Record> {
        let file = self.folder.join("record.json");
        if file.is_file() { read(&file) } else { Ok(self.new.clone()) }
    }

    fn write(&self, record: &Record) -> Result<()> {
        write_record(&self.folder.join("record.json"), record)
    }
}

/// Changes a record that is there, while nobody else does; `change` says whether it did.
pub(crate) fn amend(
    project: &Project,
    file: &Path,
    change: impl FnOnce(&mut Record) -> Result<bool>,
) -> Result<bool> {
    let _lock = lock(&lock_of(project))?;
    let mut record = read(file)?;
    let changed = change(&mut record)?;
    if changed {
        write_record(file, &record)?;
    }
    Ok(changed)
}

/// Whoever has this file locked writes ledgers.
fn lock_of(project: &Project) -> PathBuf {
    project.generated().join("ledger.lock")
}

fn lock(file: &Path) -> Result<File> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    let lock = File::create(file).map_err(Failure::file(file))?;
    lock.lock().map_err(Failure::file(file))?;
    Ok(lock)
}

fn write_record(file: &Path, record: &Record) -> Result<()> {
    let text = serde_json::to_string_pretty(record)
        .map_err(|error| Failure::internal(format!("a record cannot be written: {error}")))?;
    write(file, &(text + "\n"))
}

fn word(decision: Decision) -> String {
    match decision {
        Decision::Accepted => "accepted",
        Decision::Undecided => "undecided",
        Decision::Rejected => "rejected",
    }
    .to_owned()
}

/// The ledger of a family.
pub(crate) fn folder(project: &Project, family: &str) -> PathBuf {
    project.root.join(&project.settings.variants).join(family).join("ledger")
}

/// Reads a record, `<family>/ledger/<component>.<slot>/record.json`.
pub(crate) fn read(file: &Path) -> Result<Record> {
    let text = crate::commands::check::text(file)?;
    let record = serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!(
            "{}:{}: {error}: the ledger is written by `patchy` alone; put the file back as it was",
            file.display(),
            error.line()
        ))
    })?;
    check(&record, file)?;
    Ok(record)
}

/// Whether a record says of itself what its place says, and names no files but its own.
fn check(record: &Record, file: &Path) -> Result<()> {
    let above = |levels| {
        let folder = file.ancestors().nth(levels).and_then(Path::file_name);
        folder.unwrap_or_default().to_string_lossy()
    };
    let (slot, family) = (above(1), above(3));
    let wrong = |what: &str, found: &str, expected: &str| {
        Err(Failure::usage(format!(
            "{}: `{what}` is `{found}`, where this ledger has {expected}: put the file back as it was",
            file.display()
        )))
    };
    if record.family != family {
        return wrong("family", &record.family, &format!("`{family}`"));
    }
    if record.slot != slot {
        return wrong("slot", &record.slot, &format!("`{slot}`"));
    }
    let numbered = |name: &&str| {
        let number = name.strip_suffix(".rs").unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut files = record.attempts.iter().filter_map(|attempt| attempt.file.as_deref());
    match files.find(|name| !numbered(name)) {
        Some(name) => wrong("file", name, "`1.rs`, `2.rs` and so on"),
        None => Ok(()),
    }
}

/// Writes a file in one step.
pub(crate) fn write(file: &Path, text: &str) -> Result<()> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    let draft = file.with_extension(format!("{}.draft", std::process::id()));
    fs::write(&draft, text).map_err(Failure::file(&draft))?;
    fs::rename(&draft, file).map_err(Failure::file(file))
}
