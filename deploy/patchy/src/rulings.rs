//! What somebody decided about a divergence, in `equivalence/rulings/<component.slot>/<name>.toml`.
//!
//! ```toml
//! format = 1
//! slot = "pre_order.covers"
//! wrong = "version"            # or "reference", "contract", "open"
//! because = "why, in words"
//! rule = "what was broken, as the bench said it"
//! shown = "the least input, for a person"
//! input = "the same, for the bench: JSON"
//!
//! [[version]]
//! family = "heron"
//! sha256 = "of its text"
//! ```
//!
//! Every check meets the inputs of a slot's rulings before all others. As long as a ruling is open, the
//! texts that it names may not vote.

use crate::commands::check::CANDIDATE;
use crate::exit::{Failure, Result};
use patcher::{Inventory, Project, REFERENCE, VersionFile, sha256};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use verdict::{KeptInput, Verdict};

/// Where they stand, relative to the project.
pub(crate) const FOLDER: &str = "equivalence/rulings";

/// Who is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Wrong {
    /// The versions named.
    Version,
    /// The reference.
    Reference,
    /// The contract: it said too little, or what it should not.
    Contract,
    /// Nobody knows yet.
    Open,
}

/// A text that a ruling is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Concerned {
    family: String,
    sha256: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: u32,
    slot: String,
    wrong: Wrong,
    because: String,
    rule: String,
    shown: String,
    input: String,
    #[serde(default)]
    version: Vec<Concerned>,
}

/// One ruling.
#[derive(Debug, Clone)]
pub(crate) struct Ruling {
    /// Relative to the project.
    file: PathBuf,
    written: Written,
    input: Value,
}

impl Ruling {
    /// The file, as people and scripts name the ruling.
    pub(crate) fn name(&self) -> String {
        self.file.to_string_lossy().into_owned()
    }

    /// Its input, to be met by every version of the slot.
    pub(crate) fn kept(&self) -> KeptInput {
        let (slot, input) = (self.written.slot.clone(), self.input.clone());
        KeptInput { name: self.name(), slot, input }
    }
}

/// For a person who sees again what was ruled on.
impl fmt::Display for Ruling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wrong = match self.written.wrong {
            Wrong::Version => "the version is wrong",
            Wrong::Reference => "the reference is wrong",
            Wrong::Contract => "the contract is wrong",
            Wrong::Open => "open",
        };
        write!(f, "{}: {wrong}: {}", self.file.display(), self.written.because)
    }
}

/// All rulings of a project, in order of their files.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rulings {
    all: Vec<Ruling>,
}

impl Rulings {
    /// Reads all of them; where there is no folder, nothing was ruled.
    pub(crate) fn read(project: &Project, inventory: &Inventory) -> Result<Self> {
        let mut all = Vec::new();
        for folder in entries(&project.root.join(FOLDER))? {
            for file in entries(&folder)? {
                all.push(read(project, inventory, &file)?);
            }
        }
        Ok(Self { all })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Ruling> {
        self.all.iter()
    }

    /// The open ruling on a version as it stands.
    pub(crate) fn open_on(&self, version: &VersionFile) -> Option<&Ruling> {
        self.open_on_text(&version.slot.to_string(), &version.sha256)
    }

    fn open_on_text(&self, slot: &str, sha256: &str) -> Option<&Ruling> {
        // Equal texts have one fate, whosever they are.
        self.all.iter().find(|ruling| {
            let Written { slot: of, wrong: Wrong::Open, version, .. } = &ruling.written else {
                return false;
            };
            of == slot && version.iter().any(|one| one.sha256 == sha256)
        })
    }

    /// The ruling whose input showed what a verdict found.
    pub(crate) fn behind(&self, verdict: &Verdict) -> Option<&Ruling> {
        let name = verdict.kept.as_deref()?;
        self.all.iter().find(|ruling| ruling.name() == name)
    }

    /// Whether somebody still has to decide about a version: what was found awaits a ruling that
    /// nobody made, or the ruling on its text is open.
    pub(crate) fn is_open(&self, verdict: &Verdict, sha256: Option<&str>) -> bool {
        let open = sha256.and_then(|sha256| self.open_on_text(&verdict.slot, sha256));
        let made = self.behind(verdict).is_some_and(|one| one.written.wrong != Wrong::Open);
        open.is_some() || (verdict.awaits_ruling() && !made)
    }
}

/// The SHA-256 of the text that a verdict is about.
pub(crate) fn text_of(
    inventory: &Inventory,
    versions: &[VersionFile],
    verdict: &Verdict,
) -> Option<String> {
    if verdict.family == REFERENCE {
        let text = inventory.texts.iter().find(|(slot, _)| slot.to_string() == verdict.slot);
        return text.map(|(_, text)| sha256(text.as_bytes()));
    }
    let same = |version: &&VersionFile| {
        version.family == verdict.family && version.slot.to_string() == verdict.slot
    };
    versions.iter().find(same).map(|version| version.sha256.clone())
}

/// Writes down what was decided about the finding that decides a check; gives the ruling's name.
///
/// All versions of its slot that broke the same rule are concerned, and those that a ruling upon this
/// input named before.
pub(crate) fn rule(
    project: &Project,
    inventory: &Inventory,
    rulings: &Rulings,
    verdicts: &[Verdict],
    text_of: &dyn Fn(&Verdict) -> Option<String>,
    decision: (Wrong, &str),
) -> Result<String> {
    let (wrong, because) = decision;
    if because.trim().is_empty() {
        return Err(Failure::usage("--because is empty: say why"));
    }
    let mut found: Vec<&Verdict> = verdicts.iter().filter(|one| one.blames.is_some()).collect();
    found.retain(|one| one.input.is_some());
    let Some(first) = found.first() else {
        let sentence = "there is nothing to rule on: no version was rejected for what it did upon \
                        an input; look longer with --cases or --seconds";
        return Err(Failure::usage(sentence));
    };
    if let Some(other) = found.iter().find(|one| one.slot != first.slot) {
        let (one, other) = (&first.slot, &other.slot);
        let sentence =
            format!("there are findings in {one}, in {other} and maybe more: name one with --slot");
        return Err(Failure::usage(sentence));
    }
    let input = first.input.clone().unwrap_or_default();
    // Both become parts of a file's name.
    inventory.slot(&first.slot)?;
    if first.family != REFERENCE && first.family != CANDIDATE {
        inventory.family(&first.family)?;
    }
    let known = rulings.iter().find(|one| one.written.slot == first.slot && one.input == input);
    let file = match known {
        Some(ruling) => ruling.file.clone(),
        None => {
            let hash = sha256(input.to_string().as_bytes());
            let name = format!("{}-{}.toml", first.family, hash.get(..8).unwrap_or(&hash));
            Path::new(FOLDER).join(&first.slot).join(name)
        }
    };
    let same = found.iter().filter(|one| one.rule == first.rule);
    let mut version: Vec<Concerned> = same
        .filter_map(|one| Some(Concerned { family: one.family.clone(), sha256: text_of(one)? }))
        .collect();
    // What it was about before it is still about: those texts did wrong, and may come back.
    version.extend(known.iter().flat_map(|ruling| ruling.written.version.clone()));
    version.sort();
    version.dedup();
    let written = Written {
        format: 1,
        slot: first.slot.clone(),
        wrong,
        because: because.trim().to_owned(),
        rule: first.rule.clone().unwrap_or_default(),
        shown: first.minimal_input.clone().unwrap_or_default(),
        input: format!("{input:#}"),
        version,
    };
    write(&project.root.join(&file), &written)?;
    Ok(file.to_string_lossy().into_owned())
}

fn write(file: &Path, written: &Written) -> Result<()> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    let text = toml::to_string_pretty(written)
        .map_err(|error| Failure::internal(format!("a ruling that is no TOML: {error}")))?;
    crate::output::Output::open(file, "--project")?.write(&text)
}

/// The files or folders in a folder, in order; none if it is not there. Hidden ones, such as files that are
/// just being written, are left out.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::file(folder)(error)),
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_, _>>().map_err(Failure::file(folder))?;
    let hidden = |path: &Path| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
    };
    paths.retain(|path| !hidden(path));
    paths.sort();
    Ok(paths)
}

fn read(project: &Project, inventory: &Inventory, path: &Path) -> Result<Ruling> {
    let file = path.strip_prefix(&project.root).unwrap_or(path).to_owned();
    let text = fs::read_to_string(path).map_err(Failure::file(&file))?;
    let bad = |line: usize, sentence: &dyn fmt::Display| {
        Failure::usage(format!("{}:{line}: {sentence}", file.display()))
    };
    let line_at = |byte: usize| text.bytes().take(byte).filter(|b| *b == b'\n').count() + 1;
    let written: Written = toml::from_str(&text).map_err(|error| {
        bad(error.span().map_or(1, |span| line_at(span.start)), &error.message())
    })?;
    let line_of = |key: &str| {
        let line = text.lines().position(|line| line.trim_start().starts_with(key));
        line.map_or(1, |line| line + 1)
    };
    if written.format != 1 {
        let sentence =
            format!("the ruling has format {}, and this tool reads format 1", written.format);
        return Err(bad(line_of("format"), &sentence));
    }
    inventory.slot(&written.slot).map_err(|error| bad(line_of("slot"), &error))?;
    let folder = file.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    if folder != written.slot {
        let sentence = format!("the folder is called {folder}: call it {}", written.slot);
        return Err(bad(line_of("slot"), &sentence));
    }
    if written.because.trim().is_empty() {
        return Err(bad(line_of("because"), &"`because` is empty: say why"));
    }
    let input = serde_json::from_str(&written.input).map_err(|error| {
        let line = line_of("input") + error.line();
        bad(line, &format!("the input is no JSON ({error}): mend it, or rule anew"))
    })?;
    Ok(Ruling { file, written, input })
}
