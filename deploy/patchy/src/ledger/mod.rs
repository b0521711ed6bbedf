//! The ledger: how each version came about, from its author's first draft on.
//!
//! `variants/<family>/ledger/<component>.<slot>/record.json` tells who wrote from what, which
//! findings were shown, and what came of each attempt; `1.rs`, `2.rs`, ... beside it are the
//! attempts' texts as they came, and `run-1.json`, ... what was said to a model and by it. Nothing in
//! it is ever replaced: what comes later is appended. So faults that authors made are still there
//! when estimates need them, after the versions were mended.

mod book;
mod date;
mod matrix;
mod mutants;
mod rejudge;

pub(crate) use book::{Entry, entries, missing};
pub(crate) use matrix::Matrix;
pub(crate) use mutants::{Mutants, judge_mutants};
pub(crate) use rejudge::{Inputs, rejudge};

use crate::exit::{Failure, Result};
use crate::gate::{Class, Passage, Reason};
pub(crate) use date::today;
use patcher::{Lineage, Project, Specification, sha256};
use serde::{Deserialize, Serialize};
use slot_syntax::SlotPath;
use std::fs;
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

/// The ledger of one slot in one family, while it is written.
#[derive(Debug)]
pub(crate) struct Ledger {
    folder: PathBuf,
    record: Record,
    run: u32,
}

impl Ledger {
    /// Opens it for a new run.
    pub(crate) fn open(project: &Project, lineage: &Lineage, slot: &SlotPath) -> Result<Self> {
        let folder = folder(project, &lineage.name).join(slot.to_string());
        let file = folder.join("record.json");
        let record = if file.is_file() {
            read(&file)?
        } else {
            Record {
                format: FORMAT,
                family: lineage.name.clone(),
                slot: slot.to_string(),
                author: lineage.of(&slot.component).author,
                attempts: Vec::new(),
            }
        };
        let run = 1 + record.attempts.last().map_or(0, |attempt| attempt.run);
        Ok(Self { folder, record, run })
    }

    /// Notes an attempt, and writes.
    pub(crate) fn note(
        &mut self,
        origin: &Origin,
        tried: Tried,
        passage: Result<&Passage, &Reason>,
        kept: Result<(), String>,
    ) -> Result<()> {
        let (verdict, reasons) = match passage {
            Ok(passage) => (Some(word(passage.verdict.verdict)), passage.reasons.clone()),
            Err(reason) => (None, vec![reason.clone()]),
        };
        let number = 1 + self.record.attempts.len();
        let file = tried.text.as_ref().map(|_| format!("{number}.rs"));
        if let (Some(text), Some(name)) = (&tried.text, &file) {
            write(&self.folder.join(name), text)?;
        }
        let why = match &kept {
            Ok(()) => "it came through the gate".to_owned(),
            Err(why) => why.clone(),
        };
        self.record.attempts.push(Attempt {
            run: self.run,
            date: today(),
            written_by: origin.written_by.clone(),
            specification: origin.specification,
            mandate: origin.mandate.clone(),
            prompt_sha256: origin.prompt_sha256.clone(),
            ambiguities: tried.ambiguities,
            shown: tried.shown,
            file,
            sha256: tried.text.map(|text| sha256(text.as_bytes())),
            verdict,
            class: reasons.first().map(|reason| reason.class),
            reasons: reasons.into_iter().map(|reason| reason.sentence).collect(),
            tokens_in: tried.tokens_in,
            tokens_out: tried.tokens_out,
            kept: kept.is_ok(),
            why,
            retired: None,
        });
        let text = serde_json::to_string_pretty(&self.record)
            .map_err(|error| Failure::internal(format!("a record cannot be written: {error}")))?;
        write(&self.folder.join("record.json"), &(text + "\n"))
    }

    /// Where this run's exchanges go.
    pub(crate) fn cassette(&self) -> PathBuf {
        self.folder.join(format!("run-{}.json", self.run))
    }
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
