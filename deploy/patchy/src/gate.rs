//! The gate: what a text must come through before it may be a family's version.
//!
//! In this order: it is Rust; it has its slot's entry function with the slot's signature; it holds
//! nothing forbidden; it compiles; it does what the oracles demand and what the other versions do,
//! at no higher cost. What refuses it ends the way, with a class and sentences that name the place.

use crate::confine;
use crate::exit::{Failure, Result};
use crate::judge::{Effort, Judged, STAYS_ALIVE, Untrusted, judge};
use patcher::{Inventory, Project, VersionFile};
use serde::{Deserialize, Serialize};
use slot_syntax::{Error, SlotPath};
use std::path::Path;
use std::thread;
use verdict::{By, Decision, Verdict};

/// The longest text that is looked at. Unit: bytes.
const LONGEST: usize = 256 << 10;

/// Stack for looking at it. The parser descends as deep as the text is nested, and a text may be
/// nothing but brackets. Unit: bytes; what is not used costs nothing.
const STACK: usize = 2 << 30;

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Class {
    /// A model's reply that holds no version.
    Reply,
    /// It is too long, or no Rust.
    Parse,
    /// No entry function, or another signature.
    Fingerprint,
    /// Something that no version may contain.
    Forbidden,
    /// The compiler refused it, or came to grief over it.
    Compile,
    /// The sandbox ended it.
    Sandbox,
    /// The specification.
    Oracle,
    /// The comparison with the other versions.
    Differential,
    /// Time, memory, effects or growth.
    Resource,
    /// No answer in time.
    Timeout,
    /// Nothing was found, but the cases do not say enough.
    Undecided,
}

impl Class {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Parse => "parse",
            Self::Fingerprint => "fingerprint",
            Self::Forbidden => "forbidden",
            Self::Compile => "compile",
            Self::Sandbox => "sandbox",
            Self::Oracle => "oracle",
            Self::Differential => "differential",
            Self::Resource => "resource",
            Self::Timeout => "timeout",
            Self::Undecided => "undecided",
        }
    }
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reason {
    pub(crate) class: Class,
    /// With the place.
    pub(crate) sentence: String,
}

/// How untrusted code is kept in.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Sandbox {
    /// Compile and run without requiring that the kernel keeps the version in
    #[arg(long)]
    pub(crate) no_sandbox: bool,
    /// Most processor time for a run of the compiler
    #[arg(long, value_name = "T", default_value_t = 120)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=36_000))]
    pub(crate) compile_seconds: u64,
    /// Compile and run whatever the text is: to try the sandbox
    #[arg(long, hide = true)]
    pub(crate) any_text: bool,
}

impl Sandbox {
    /// What judges need to know of it. Fails where the kernel lacks what is required.
    pub(crate) fn untrusted(&self) -> Result<Option<Untrusted>> {
        if self.no_sandbox {
            return Ok(None);
        }
        confine::check()?;
        let Self { compile_seconds, any_text, .. } = *self;
        Ok(Some(Untrusted { compile_seconds, any_text }))
    }
}

/// What came of a text.
#[derive(Debug, Clone)]
pub(crate) struct Passage {
    /// Empty if it came through.
    pub(crate) reasons: Vec<Reason>,
    /// What the bench, or the text's rules, said of it.
    pub(crate) verdict: Verdict,
}

impl Passage {
    pub(crate) fn is_through(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// Sends a version through the gate, beside all other families' versions of its slot.
pub(crate) fn pass(
    project: &Project,
    inventory: &Inventory,
    version: &VersionFile,
    effort: &Effort,
) -> Result<Passage> {
    let all = crate::commands::check::beside(inventory, version.clone());
    let Judged { report, .. } = judge(project, inventory, &all, Some(&version.family), effort)?;
    let verdict = report.decisive;
    let any_text = effort.untrusted.as_ref().is_some_and(|untrusted| untrusted.any_text);
    let reasons = match &version.fit {
        Err(errors) if !any_text => errors.0.iter().map(of_text).collect(),
        _ => of_verdict(&verdict).into_iter().collect(),
    };
    Ok(Passage { reasons, verdict })
}

/// A version of a slot, or of a whole component, from a text that nobody has looked at.
pub(crate) fn read(
    inventory: &Inventory,
    slot: &SlotPath,
    family: &str,
    file: &Path,
    text: String,
) -> Result<VersionFile> {
    check_length(&text)
        .map_err(|reason| Failure::usage(format!("{}: {}", file.display(), reason.sentence)))?;
    let read = || inventory.version_of(slot, family, file, text);
    thread::scope(|scope| {
        let reader = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, read);
        let version = reader.map(thread::ScopedJoinHandle::join);
        match version {
            Ok(Ok(version)) => Ok(version?),
            Ok(Err(_)) => Err(Failure::internal("the parser panicked")),
            Err(error) => Err(Failure::internal(format!("no thread to read a version: {error}"))),
        }
    })
}

/// Refuses what is too long to be looked at.
pub(crate) fn check_length(text: &str) -> Result<(), Reason> {
    let length = text.len();
    if length <= LONGEST {
        return Ok(());
    }
    let sentence =
        format!("{length} bytes are more than the {LONGEST} that a version may have: write less");
    Err(Reason { class: Class::Parse, sentence })
}

fn of_text(error: &Error) -> Reason {
    let class = match error {
        Error::Read { .. } | Error::Syntax { .. } => Class::Parse,
        Error::Form { .. }
        | Error::Duplicate { .. }
        | Error::NoEntry { .. }
        | Error::Signature { .. } => Class::Fingerprint,
        Error::Gate { .. } => Class::Forbidden,
    };
    Reason { class, sentence: error.to_string() }
}

fn of_verdict(verdict: &Verdict) -> Option<Reason> {
    let class = match (verdict.verdict, verdict.by) {
        (Decision::Accepted, _) => return None,
        (Decision::Undecided, _) => Class::Undecided,
        (Decision::Rejected, Some(By::Gate)) if of_sandbox(verdict) => Class::Sandbox,
        (Decision::Rejected, Some(By::Gate)) => Class::Forbidden,
        (Decision::Rejected, Some(By::Build)) => Class::Compile,
        (Decision::Rejected, Some(By::Oracle)) => Class::Oracle,
        (Decision::Rejected, Some(By::Resource)) => Class::Resource,
        (Decision::Rejected, Some(By::Timeout)) => Class::Timeout,
        (Decision::Rejected, Some(By::Differential) | None) => Class::Differential,
    };
    Some(Reason { class, sentence: sentence(verdict, class) })
}

fn of_sandbox(verdict: &Verdict) -> bool {
    verdict.rule.as_deref() == Some(STAYS_ALIVE)
}

/// What the judge found, with the place: a file's line, or an input.
fn sentence(verdict: &Verdict, class: Class) -> String {
    let or = |text: &Option<String>, other: &str| text.clone().unwrap_or_else(|| other.to_owned());
    let got = or(&verdict.got, "nothing was said");
    if matches!(class, Class::Compile | Class::Sandbox) {
        return got;
    }
    let rule = or(&verdict.rule, "the bench's rules");
    let mut text = match class {
        Class::Undecided => format!("nothing is decided: {rule}"),
        _ => format!("the rule that is broken: {rule}"),
    };
    let parts = [
        ("on the input", &verdict.minimal_input),
        ("expected", &verdict.expected),
        ("got", &verdict.got),
    ];
    for (name, value) in parts {
        if let Some(value) = value {
            text.push_str(&format!("\n{name}: {value}"));
        }
    }
    text
}
