//! Judging versions: a runner of the bench and the versions, run as a process of its own.
//!
//! A version is refused before it is built if its text breaks a rule (gate), left out of the
//! runner if it does not compile (build), and run alone if the runner with all of them dies. What a runner
//! says is taken as far as it answers what was asked, under the seal of this run: see [`verdict::Key`] and
//! `answer`. A version from outside is asked about by itself, beside versions that were there before:
//! whatever it might do to its judge's process it does to its own verdict alone.

mod answer;
mod branches;
mod broken;
mod component;
mod parts;
mod run;
mod search;

pub(crate) use branches::{Taken, branches_taken};
pub(crate) use broken::{How as BuildHow, build as build_bench};
pub(crate) use parts::{Cut, Merged, in_parts, name_of_run};
pub(crate) use run::{STAYS_ALIVE, STEADY_MEMORY, every_failure};
pub(crate) use search::search;

use crate::exit::{Failure, Result};
use crate::kept::Kept;
use crate::verdicts::{BENCH, Store};
use broken::of_broken;
use patcher::{Inventory, Project, VersionFile, sha256};
use serde::{Deserialize, Serialize};
use serde_json::json;
use slot_syntax::SlotPath;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use verdict::{By, Decision, KeptInput, Report, Stale, Verdict, is_benched};

/// How long and from which seed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Effort {
    pub(crate) cases: Option<u64>,
    pub(crate) seconds: Option<u64>,
    pub(crate) seed: Option<u64>,
    /// This case alone: shown, and no verdict to be kept.
    pub(crate) case: Option<u64>,
    /// How the version asked for is kept in, where nobody has accepted it yet.
    #[serde(skip)]
    pub(crate) untrusted: Option<Untrusted>,
}

/// How untrusted code is kept in; a kernel that cannot do it is found out before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Untrusted {
    /// Processor time for each run of the compiler. Unit: seconds.
    pub(crate) compile_seconds: u64,
    /// Whether even a text that breaks the rules is compiled and run.
    pub(crate) any_text: bool,
}

/// What came of a check.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub(crate) report: Report,
    /// Whether all of it was known from before.
    pub(crate) cached: bool,
}

/// Judges `versions`, each compared with all others of its slot among them.
///
/// `of_family` asks for one family's verdicts alone; the others are still compared with.
pub(crate) fn judge(
    project: &Project,
    inventory: &Inventory,
    versions: &[VersionFile],
    of_family: Option<&str>,
    effort: &Effort,
) -> Result<Judged> {
    judge_with_reference(project, inventory, versions, &[], of_family, effort)
}

/// Judges `versions`, and in the slots `alone`, of which nobody wrote a version, the reference by
/// itself.
pub(crate) fn judge_with_reference(
    project: &Project,
    inventory: &Inventory,
    versions: &[VersionFile],
    alone: &[SlotPath],
    of_family: Option<&str>,
    effort: &Effort,
) -> Result<Judged> {
    let known = alone.iter().filter(|slot| is_benched(&slot.component, &slot.name));
    let mut alone: Vec<String> = known.map(SlotPath::to_string).collect();
    let kept = Kept::read(project, inventory)?;
    let compiler = Bench::compiler(project, effort)?;
    let bench = Bench { project, inventory, kept: &kept, of_family, effort, compiler };
    let (mut verdicts, mut stale) = (Vec::new(), BTreeMap::new());
    let mut left = Vec::new();
    let any_text = effort.untrusted.as_ref().is_some_and(|untrusted| untrusted.any_text);
    for version in versions {
        match refused(version, any_text) {
            Some(verdict) if bench.is_asked(&version.family) => verdicts.push(verdict),
            Some(_) => {}
            None => left.push(version.clone()),
        }
    }
    // What the gate refused was judged just now.
    let mut cached = !left.is_empty() || !alone.is_empty();
    let whole = |version: &VersionFile| version.slot.is_component();
    let (wholes, mut left): (Vec<VersionFile>, _) = left.into_iter().partition(whole);
    for version in wholes.iter().filter(|version| bench.is_asked(&version.family)) {
        let round = bench.component(version)?;
        cached &= round.cached;
        verdicts.extend(round.verdicts);
        stale.extend(round.stale.into_iter().map(|one| (one.name.clone(), one)));
    }
    while !alone.is_empty() || left.iter().any(|version| bench.is_asked(&version.family)) {
        let round = bench.round(&mut left, &mut alone)?;
        cached &= round.cached;
        verdicts.extend(round.verdicts);
        stale.extend(round.stale.into_iter().map(|one| (one.name.clone(), one)));
    }
    if effort.case.is_none() {
        let store = Store::new(project, inventory)?;
        verdicts = verdicts
            .into_iter()
            .map(|verdict| keep(&store, versions, verdict))
            .collect::<Result<_>>()?;
    }
    verdicts.sort_by(|one, other| (&one.slot, &one.family).cmp(&(&other.slot, &other.family)));
    let mut report = Report::new(verdicts).ok_or_else(|| {
        Failure::usage("there is no version to judge: families stand in the folder `variants`")
    })?;
    report.stale = stale.into_values().collect();
    Ok(Judged { report, cached })
}

/// What all runs of one check have in common.
struct Bench<'a> {
    project: &'a Project,
    inventory: &'a Inventory,
    kept: &'a Kept,
    of_family: Option<&'a str>,
    effort: &'a Effort,
    /// What the compiler is called through.
    compiler: PathBuf,
}

/// What one run gave.
struct Round {
    verdicts: Vec<Verdict>,
    stale: Vec<Stale>,
    cached: bool,
}

/// What the bench said in one run.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Answer {
    verdicts: Vec<Verdict>,
    stale: Vec<Stale>,
}

impl Bench<'_> {
    fn is_asked(&self, family: &str) -> bool {
        self.of_family.is_none_or(|asked| asked == family)
    }

    /// Judges what is left. What then still is left could not be judged because of a version that
    /// ended the run, and which is not left any more.
    fn round(&self, left: &mut Vec<VersionFile>, alone: &mut Vec<String>) -> Result<Round> {
        let (runner, hash, broken) = self.build_what_can_be(left, alone)?;
        left.retain(|version| !broken.iter().any(|broken| broken::is_about(broken, version)));
        let mut verdicts: Vec<Verdict> = broken.iter().map(of_broken).collect();
        verdicts.retain(|verdict| self.is_asked(&verdict.family));
        if alone.is_empty() && !left.iter().any(|version| self.is_asked(&version.family)) {
            left.clear();
            return Ok(Round { verdicts, stale: Vec::new(), cached: false });
        }
        let slots = left.iter().map(|version| version.slot.to_string());
        let kept = match self.effort.case {
            Some(_) => Vec::new(),
            None => self.kept.of(&slots.chain(alone.iter().cloned()).collect()),
        };
        let key = json!([hash, self.effort, self.of_family, alone, kept]).to_string();
        let cache = format!("{}.json", sha256(key.as_bytes()));
        let cache = self.project.generated().join("checks").join(cache);
        let known = read(&cache);
        let cached = known.is_some();
        let answer = match known {
            Some(answer) => answer,
            None => match self.run(&runner, left, alone, &kept)? {
                Some(answer) => answer,
                None => Answer { verdicts: self.killers(left)?, ..Answer::default() },
            },
        };
        self.kept.all_met(&answer.stale)?;
        if !cached {
            write(&cache, &answer)?;
        }
        let Answer { verdicts: judged, stale } = answer;
        let has_verdict = |version: &VersionFile| {
            judged.iter().any(|verdict| {
                verdict.family == version.family && verdict.slot == version.slot.to_string()
            })
        };
        let before = left.len();
        left.retain(|version| !has_verdict(version));
        let ended = judged.iter().any(ends_the_run);
        if !ended {
            alone.clear();
        }
        // Versions of other families were compared with and got no verdict of their own.
        if before == left.len() || !ended {
            let forgotten = left.iter().filter(|version| self.is_asked(&version.family));
            verdicts.extend(forgotten.map(without_verdict));
            left.clear();
        }
        verdicts.extend(judged.into_iter().filter(|verdict| self.is_asked(&verdict.family)));
        Ok(Round { verdicts, stale, cached })
    }

    /// Runs the bench, on the inputs that are `kept` first.
    fn run(
        &self,
        runner: &Path,
        left: &[VersionFile],
        alone: &[String],
        kept: &[&KeptInput],
    ) -> Result<Option<Answer>> {
        run::run(runner, left, alone, &Given::new(kept)?, self.of_family, self.effort)
    }

    /// Runs each version without the others, because together they took their process down, and
    /// gives the verdicts on those that do so alone.
    fn killers(&self, versions: &[VersionFile]) -> Result<Vec<Verdict>> {
        let mut found = Vec::new();
        // Where one family is asked about, the others were accepted before.
        for version in versions.iter().filter(|version| self.is_asked(&version.family)) {
            let only = std::slice::from_ref(version);
            let (runner, _, _) = self.build(only, &[])?;
            found.extend(run::killer(&runner, version, self.effort)?);
        }
        if found.is_empty() {
            let what = "the bench dies with all versions together and with none of them alone";
            return Err(Failure::internal(what));
        }
        Ok(found)
    }
}

/// Whether a version took the whole run with it.
fn ends_the_run(verdict: &Verdict) -> bool {
    verdict.by == Some(By::Timeout) || verdict.rule.as_deref() == Some(STAYS_ALIVE)
}

fn without_verdict(version: &VersionFile) -> Verdict {
    let mut verdict = unseen(Decision::Undecided, &version.family, &version.slot.to_string());
    verdict.rule = Some("the bench said nothing about it".to_owned());
    verdict
}

/// The verdict on a version that the bench never sees.
pub(crate) fn refused(version: &VersionFile, any_text: bool) -> Option<Verdict> {
    if let Err(errors) = &version.fit
        && !any_text
    {
        let mut verdict = unseen(Decision::Rejected, &version.family, &version.slot.to_string());
        verdict.by = Some(By::Gate);
        verdict.rule = Some("the text fits its slot and keeps the rules for versions".to_owned());
        verdict.got = Some(errors.to_string());
        return Some(verdict);
    }
    // Of a component more is judged than the bench can.
    if !version.slot.is_component() && !is_benched(&version.slot.component, &version.slot.name) {
        let mut verdict = unseen(Decision::Undecided, &version.family, &version.slot.to_string());
        verdict.rule = Some("the bench has no way yet to judge this slot".to_owned());
        return Some(verdict);
    }
    None
}

/// A verdict without cases.
pub(crate) fn unseen(decision: Decision, family: &str, slot: &str) -> Verdict {
    Verdict {
        verdict: decision,
        by: None,
        slot: slot.to_owned(),
        family: family.to_owned(),
        cases: 0,
        cases_per_second: 0,
        inputs_per_second: 0,
        state_changing_percent: 0.0,
        reasons_missed: Vec::new(),
        rule: None,
        minimal_input: None,
        expected: None,
        got: None,
        blames: (decision == Decision::Rejected).then_some(verdict::Blames::Version),
        split: None,
        replay: None,
        input: None,
        kept: None,
        failed: Vec::new(),
        mean_nanoseconds: 0,
    }
}

/// The bench with what judges these slots, and all slots of which a family has a version: what judges
/// these is wanted sooner or later, and another choice of components is another bench to compile.
pub(crate) fn bench_for(
    inventory: &Inventory,
    slots: impl Iterator<Item = String>,
) -> BTreeMap<String, Vec<String>> {
    let written = inventory.versions().map(|version| version.slot.to_string());
    let parts = slots.chain(written).filter_map(|slot| {
        let (component, name) = slot.split_once('.')?;
        is_benched(component, name).then(|| component.to_owned())
    });
    let components: BTreeSet<String> = parts.collect();
    BTreeMap::from([(BENCH.to_owned(), components.into_iter().collect())])
}

/// Inputs that the bench is to meet first, and the file in which it gets them, if there are any.
struct Given<'a> {
    inputs: &'a [&'a KeptInput],
    file: Option<NamedTempFile>,
}

impl<'a> Given<'a> {
    fn new(inputs: &'a [&'a KeptInput]) -> Result<Self> {
        if inputs.is_empty() {
            return Ok(Self { inputs, file: None });
        }
        let no_file = |error: &dyn std::fmt::Display| {
            let folder = std::env::temp_dir();
            Failure::usage(format!("{}: no file can be made there: {error}", folder.display()))
        };
        let mut file = NamedTempFile::new().map_err(|error| no_file(&error))?;
        serde_json::to_writer(&mut file, inputs).map_err(|error| no_file(&error))?;
        Ok(Self { inputs, file: Some(file) })
    }

    fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(NamedTempFile::path)
    }
}

fn read(cache: &Path) -> Option<Answer> {
    serde_json::from_str(&fs::read_to_string(cache).ok()?).ok()
}

fn write(cache: &Path, judged: &Answer) -> Result<()> {
    let folder = cache.parent().unwrap_or(cache);
    fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    let draft = cache.with_extension(format!("{}.draft", std::process::id()));
    // Texts and numbers only: this cannot fail.
    let text = serde_json::to_string(judged).unwrap_or_default();
    fs::write(&draft, text).map_err(Failure::file(&draft))?;
    fs::rename(&draft, cache).map_err(Failure::file(cache))
}

/// Keeps a verdict; gives the one that counts.
fn keep(store: &Store, versions: &[VersionFile], verdict: Verdict) -> Result<Verdict> {
    let same = |version: &&VersionFile| {
        version.family == verdict.family && version.slot.to_string() == verdict.slot
    };
    match versions.iter().find(same) {
        Some(version) => store.keep(version, verdict),
        None => Ok(verdict),
    }
}
