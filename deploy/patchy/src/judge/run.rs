//! Running the bench, and finding the version that kills it.

use super::{Answer, Effort, Untrusted, unseen};
use crate::confine::{Forgiven, Limits};
use crate::exit::{ExitCode, Failure, Result};
use crate::process::{self, Ended, Job};
use crate::progress::Progress;
use patcher::VersionFile;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::num::NonZero;
use std::path::Path;
use std::time::Duration;
use verdict::{By, Decision, Report, Verdict};

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
/// version took its process down before it could say anything. The inputs in the file `kept` come first.
pub(super) fn run(
    runner: &Path,
    versions: &[VersionFile],
    alone: &[String],
    kept: Option<&Path>,
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
    if let Some(kept) = kept {
        words.extend(["--kept".into(), kept.into()]);
    }
    let ended = start(runner, words, kept, effort, slots.len(), None)?;
    let answer = |report: Report| Answer { verdicts: report.versions, stale: report.stale };
    Ok(report(&ended)?.map(answer))
}

/// The bench's verdicts on one version's slots and on sequences of their calls; or the verdict on a
/// version that took its process down.
pub(super) fn sequences(
    runner: &Path,
    version: &VersionFile,
    slots: usize,
    kept: Option<&Path>,
    effort: &Effort,
) -> Result<Result<Answer, Verdict>> {
    let progress = Progress::of_minutes("judging");
    progress.say(version.name());
    let mut words: Vec<OsString> = vec!["--sequences".into()];
    if let Some(kept) = kept {
        words.extend(["--kept".into(), kept.into()]);
    }
    // Sequences take their share of the time as one slot more.
    let ended = start(runner, words, kept, effort, slots + 1, None)?;
    Ok(match report(&ended)? {
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
    let words = ["--replicas", "4", "--faults", "swarm", "--json", "--seeds", &seeds];
    let required = effort.untrusted.is_some();
    let ended = process::run(&Job {
        program: runner,
        arguments: words.into_iter().map(OsString::from).collect(),
        limits: Some(Limits { memory: MEMORY, cpu: LONGEST, required, ..Limits::default() }),
        timeout: Duration::from_secs(LONGEST),
        heard: false,
        environment: &STEADY_MEMORY,
        input: None,
    })?;
    let told: Option<serde_json::Value> = serde_json::from_str(&ended.stdout).ok();
    let Some(told) = told else {
        return match ExitCode::of_runner(ended.code) {
            ExitCode::Usage => Err(Failure::internal(format!("the simulator: {}", ended.stderr))),
            _ => Ok(fallen(version, &ended, "a socket or another process")),
        };
    };
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
    let (by, why) = if ended.by_sandbox() {
        (By::Gate, format!("the sandbox ended it, for it asked the system for {asked}"))
    } else if ended.timed_out {
        (By::Timeout, ended.why())
    } else if ended.exhausted() {
        (By::Resource, ended.why())
    } else {
        (By::Differential, ended.why())
    };
    verdict.by = Some(by);
    let said = ended.stderr.trim();
    verdict.got = Some(if said.is_empty() { why } else { format!("{why}; {said}") });
    verdict
}

/// Every failure of the versions of some slots, by case; or why there is no telling.
pub(crate) fn every_failure(
    runner: &Path,
    slots: &[String],
    cases: u64,
    seed: u64,
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
    let ended = start(runner, words, None, &effort, slots.len(), None)?;
    let Some(report) = report(&ended)? else { return Ok(Err(ended.why())) };
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
    let words: Vec<OsString> = vec!["--slot".into(), slot.into()];
    let ended = start(runner, words.clone(), None, &effort, 1, None)?;
    if report(&ended)?.is_some() {
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

/// Searches one slot; `None` if a version took its process down.
pub(super) fn search(
    runner: &Path,
    slot: &str,
    kept: Option<&Path>,
    effort: &Effort,
) -> Result<Option<Report>> {
    let progress = Progress::of_minutes("searching");
    progress.say(slot);
    let mut words: Vec<OsString> = vec!["--search".into(), "--slot".into(), slot.into()];
    if let Some(kept) = kept {
        words.extend(["--kept".into(), kept.into()]);
    }
    report(&start(runner, words, kept, effort, 1, None)?)
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
    words.push("--json".into());
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
        input: None,
    })
}

/// What the bench said; `None` if a version took it down before it could say anything.
fn report(ended: &Ended) -> Result<Option<Report>> {
    match ExitCode::of_runner(ended.code) {
        ExitCode::Done | ExitCode::Divergence => serde_json::from_str(&ended.stdout)
            .map(Some)
            .map_err(|error| Failure::internal(format!("the bench's answer: {error}"))),
        ExitCode::Usage => Err(Failure::usage(ended.stderr.trim())),
        _ if ended.timed_out || ended.signal.is_some() => Ok(None),
        _ => Err(Failure::internal(format!("the bench did not end well: {}", ended.why()))
            .with_details(ended.stderr.trim())),
    }
}
