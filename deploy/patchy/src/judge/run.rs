//! Running the bench, and finding the version that kills it.

use super::answer::{Asked, panicked, report, why};
use super::{Answer, Effort, Given, Untrusted, unseen};
use crate::confine::{Forgiven, Limits};
use crate::exit::{Failure, Result};
use crate::ledger::Inputs;
use crate::process::{self, Ended, Input, Job};
use crate::progress::Progress;
use patcher::VersionFile;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::num::NonZero;
use std::path::Path;
use std::time::Duration;
use verdict::{By, Decision, Report, SEALED, Verdict};

/// Memory for the bench. Unit: bytes.
const MEMORY: u64 = 8 << 30;

/// The same beside a version that is not trusted.
const MEMORY_UNTRUSTED: u64 = 4 << 30;

/// What the bench may need beyond the time that it was told to use. Unit: seconds.
const GRACE: u64 = 60;

/// How long a number of cases may take. Unit: seconds.
const LONGEST: u64 = 4 * 3600;

/// Runs of clusters in lockstep, if nothing is said.
const SEEDS: u64 = 24;

/// How long a version that is run alone is watched. Unit: seconds.
const ALONE: u64 = 5;

/// Keeps memory that was given back: else one version's calls meet fresh pages and another's do
/// not, by the chance of where the heap ends, and times say nothing.
pub(crate) const STEADY_MEMORY: [(&str, &str); 3] = [
    ("MALLOC_TRIM_THRESHOLD_", "1073741824"),
    ("MALLOC_TOP_PAD_", "67108864"),
    ("MALLOC_MMAP_THRESHOLD_", "1073741824"),
];

/// The rule that a version breaks which ends its process.
pub(crate) const STAYS_ALIVE: &str = "a version leaves its process alive";

/// The bench's verdicts on versions, and on the reference in slots where it is `alone`; `None` if a
/// version took its process down before it could say anything. What is `given` is met first.
pub(super) fn run(
    runner: &Path,
    versions: &[VersionFile],
    alone: &[String],
    given: &Given<'_>,
    of_family: Option<&str>,
    effort: &Effort,
) -> Result<Option<Answer>> {
    let progress = Progress::of_minutes("judging");
    progress.say(format!("{} versions", versions.len()));
    let slots = versions.iter().map(|version| version.slot.to_string());
    let slots: BTreeSet<String> = slots.chain(alone.iter().cloned()).collect();
    let mut words: Vec<OsString> = Vec::new();
    if let Some(family) = of_family {
        words.extend(["--family".into(), family.into()]);
    }
    if slots.len() == 1 || !alone.is_empty() {
        let named: Vec<&str> = slots.iter().map(String::as_str).collect();
        words.extend(["--slot".into(), named.join(",").into()]);
    }
    words.extend(met(given));
    let wanted = |version: &&VersionFile| of_family.is_none_or(|family| family == version.family);
    let reference = if of_family.is_some() { BTreeSet::new() } else { slots.clone() };
    let asked = Asked::about(versions.iter().filter(wanted), reference).meeting(given.inputs);
    let ended = start(runner, words, given.path(), effort, slots.len(), None)?;
    if panicked(&ended) && effort.untrusted.is_none() {
        return Err(Failure::internal(format!("the bench did not end well: {}", ended.why()))
            .with_details(ended.stderr.trim()));
    }
    let answer = |report: Report| Answer { verdicts: report.versions, stale: report.stale };
    Ok(report(&ended, &asked)?.map(answer))
}

/// The bench's verdicts on one version's slots and on sequences of their calls; or the verdict on a
/// version that took its process down.
pub(super) fn sequences(
    runner: &Path,
    version: &VersionFile,
    slots: &[String],
    given: &Given<'_>,
    effort: &Effort,
) -> Result<Result<Answer, Verdict>> {
    let progress = Progress::of_minutes("judging");
    progress.say(version.name());
    let words = [vec!["--whole".into()], met(given)].concat();
    let asked = Asked::whole(version, slots).meeting(given.inputs);
    // Sequences take their share of the time as one slot more.
    let ended = start(runner, words, given.path(), effort, slots.len() + 1, None)?;
    Ok(match report(&ended, &asked)? {
        Some(report) => Ok(Answer { verdicts: report.versions, stale: report.stale }),
        None => Err(fallen(version, &ended, "a socket or another process")),
    })
}

/// Runs pairs of replicas, one of which is composed with the version, in simulated clusters.
pub(super) fn lockstep(runner: &Path, version: &VersionFile, effort: &Effort) -> Result<Verdict> {
    let progress = Progress::of_minutes("simulating");
    progress.say(format!("{} in lockstep with the reference", version.name()));
    let seeds = effort.seconds.map_or(SEEDS, |seconds| seconds.clamp(SEEDS / 8, SEEDS));
    let first = effort.seed.unwrap_or_default();
    let seeds = format!("{first}..{}", first.saturating_add(seeds));
    let words = ["--replicas", "4", "--faults", "swarm", SEALED, "--seeds", &seeds];
    let required = effort.untrusted.is_some();
    let ended = process::run(&Job {
        program: runner,
        arguments: words.into_iter().map(OsString::from).collect(),
        limits: Some(Limits { memory: MEMORY, cpu: LONGEST, required, ..Limits::default() }),
        timeout: Duration::from_secs(LONGEST),
        heard: false,
        environment: &STEADY_MEMORY,
        input: Input::Key,
    })?;
    let Some(answer) = &ended.answer else {
        return Ok(fallen(version, &ended, "a socket or another process"));
    };
    let bad = |what: &str| Failure::internal(format!("the simulator's answer: {what}"));
    let answer: Result<serde_json::Value, String> =
        serde_json::from_str(answer).map_err(|error| bad(&error.to_string()))?;
    let told = answer.map_err(|sentence| bad(&sentence))?;
    let name = version.slot.to_string();
    let steps = told["deliveries"].as_u64().unwrap_or_default();
    let violation = told["violations"].as_array().and_then(|all| all.first());
    let decision = match violation {
        Some(_) => Decision::Rejected,
        None if steps == 0 => Decision::Undecided,
        None => Decision::Accepted,
    };
    let mut verdict = unseen(decision, &version.family, &name);
    verdict.cases = steps;
    verdict.state_changing_percent = 100.0;
    if let Some(violation) = violation {
        verdict.by = Some(By::Differential);
        verdict.rule = Some("keeps step with the reference in a cluster".to_owned());
        verdict.minimal_input = Some(format!("seed {} of the faults `swarm`", violation["seed"]));
        verdict.expected = Some("what the reference says, and its abstract state".to_owned());
        verdict.got = Some(violation["detail"].as_str().unwrap_or_default().to_owned());
    } else if steps == 0 {
        verdict.rule = Some("the clusters did nothing".to_owned());
    }
    Ok(verdict)
}

/// The verdict on a version that ended its process; `asked` is what for, if the sandbox ended it.
fn fallen(version: &VersionFile, ended: &Ended, asked: &str) -> Verdict {
    let mut verdict = unseen(Decision::Rejected, &version.family, &version.slot.to_string());
    verdict.rule = Some(STAYS_ALIVE.to_owned());
    let (by, because) = if ended.by_sandbox() {
        (By::Gate, format!("the sandbox ended it, for it asked the system for {asked}"))
    } else if ended.timed_out {
        (By::Timeout, why(ended))
    } else if ended.exhausted() {
        (By::Resource, why(ended))
    } else {
        (By::Differential, why(ended))
    };
    verdict.by = Some(by);
    let said = ended.stderr.trim();
    verdict.got = Some(if said.is_empty() { because } else { format!("{because}; {said}") });
    verdict
}

/// Every failure of `versions` in some slots, by case; or why there is no telling.
pub(crate) fn every_failure(
    runner: &Path,
    versions: &[&VersionFile],
    slots: &[String],
    Inputs { cases, seed }: Inputs,
    untrusted: Option<&Untrusted>,
) -> Result<Result<Vec<Verdict>, String>> {
    let progress = Progress::of_minutes("judging");
    progress.say(format!("{} slots", slots.len()));
    let words = vec!["--every".into(), "--slot".into(), slots.join(",").into()];
    let effort = Effort {
        cases: Some(cases),
        seed: Some(seed),
        untrusted: untrusted.cloned(),
        ..Effort::default()
    };
    let of_slots = versions.iter().filter(|version| slots.contains(&version.slot.to_string()));
    let asked = Asked::about(of_slots.copied(), slots.iter().cloned());
    let ended = start(runner, words, None, &effort, slots.len(), None)?;
    let Some(report) = report(&ended, &asked)? else { return Ok(Err(why(&ended))) };
    let lost = report.versions.iter().find(|verdict| verdict.by == Some(By::Timeout));
    Ok(match lost {
        Some(Verdict { family, slot, .. }) => Err(format!("{family}/{slot} did not come back")),
        None => Ok(report.versions),
    })
}

/// The verdict on a version that ends its process when it is run alone.
pub(super) fn killer(
    runner: &Path,
    version: &VersionFile,
    effort: &Effort,
) -> Result<Option<Verdict>> {
    let slot = version.slot.to_string();
    let progress = Progress::of_minutes("judging");
    progress.say(format!("{} alone", version.name()));
    let effort = Effort { seconds: Some(ALONE), cases: None, ..effort.clone() };
    let words: Vec<OsString> = vec!["--slot".into(), slot.clone().into()];
    let ended = start(runner, words.clone(), None, &effort, 1, None)?;
    let asked = Asked::about([version], [slot]);
    if report(&ended, &asked)?.is_some() {
        return Ok(None);
    }
    // Once more, with processes refused only: what then still ends it is a socket.
    let asked = match ended.by_sandbox() {
        false => "",
        true => match start(runner, words, None, &effort, 1, Some(Forgiven::Processes))? {
            again if again.by_sandbox() => "a socket",
            _ => "another process",
        },
    };
    Ok(Some(fallen(version, &ended, asked)))
}

/// Searches one slot with the `versions` of it, from what is `given`; `None` if a version took its process
/// down.
pub(super) fn search(
    runner: &Path,
    slot: &str,
    versions: &[VersionFile],
    given: &Given<'_>,
    effort: &Effort,
) -> Result<Option<Report>> {
    let progress = Progress::of_minutes("searching");
    progress.say(slot);
    let mut words: Vec<OsString> = vec!["--search".into(), "--slot".into(), slot.into()];
    words.extend(met(given));
    let asked = Asked::about(versions, [slot.to_owned()]).meeting(given.inputs);
    report(&start(runner, words, given.path(), effort, 1, None)?, &asked)
}

/// The words that name the inputs to be met first.
fn met(given: &Given<'_>) -> Vec<OsString> {
    let words = |file: &Path| vec!["--kept".into(), file.into()];
    given.path().map(words).unwrap_or_default()
}

/// Runs the bench over all of marked versions, whatever they fail on; gives what it said beside verdicts.
pub(super) fn marked(runner: &Path, versions: &[VersionFile], effort: &Effort) -> Result<String> {
    let progress = Progress::of_minutes("judging");
    progress.say(format!("{} marked versions", versions.len()));
    let slots: BTreeSet<String> = versions.iter().map(|one| one.slot.to_string()).collect();
    let named = slots.iter().map(String::as_str).collect::<Vec<_>>().join(",");
    let words = vec!["--every".into(), "--slot".into(), named.into()];
    let ended = start(runner, words, None, effort, slots.len(), None)?;
    match report(&ended, &Asked::about(versions, slots))? {
        Some(_) => Ok(ended.stderr),
        None => Err(Failure::internal(format!("the bench did not end well: {}", ended.why()))
            .with_details(ended.stderr.trim())),
    }
}

/// Runs the bench over some slots, which share the time given. It judges as many at once as there are
/// processors, each of which is to be done with its share of them in that time.
fn start(
    runner: &Path,
    mut words: Vec<OsString>,
    kept: Option<&Path>,
    effort: &Effort,
    slots: usize,
    forgiven: Option<Forgiven>,
) -> Result<Ended> {
    let mut option = |name: &str, value: Option<String>| {
        words.extend(value.into_iter().flat_map(|value| [name.into(), value.into()]));
    };
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let turns = slots.div_ceil(processors).max(1);
    let each = effort.seconds.map(|seconds| seconds as f64 / turns as f64);
    option("--cases", effort.cases.map(|cases| cases.to_string()));
    option("--seconds", each.map(|seconds| format!("{seconds:.3}")));
    option("--seed", effort.seed.map(|seed| seed.to_string()));
    option("--case", effort.case.map(|case| case.to_string()));
    words.push(SEALED.into());
    let seconds = match (effort.seconds, effort.cases) {
        (Some(seconds), _) => 2 * seconds + GRACE,
        (None, _) => LONGEST,
    };
    let cpu = seconds * processors as u64;
    let required = effort.untrusted.is_some();
    process::run(&Job {
        program: runner,
        arguments: words,
        limits: Some(Limits {
            memory: if required { MEMORY_UNTRUSTED } else { MEMORY },
            cpu,
            read: kept.map(Path::to_owned).into_iter().collect(),
            required,
            forgive: forgiven.into_iter().collect(),
            ..Limits::default()
        }),
        timeout: Duration::from_secs(seconds),
        heard: false,
        environment: &STEADY_MEMORY,
        input: Input::Key,
    })
}
