//! Running the bench, and finding the version that kills it.

use super::{Effort, unseen};
use crate::confine::Limits;
use crate::exit::{ExitCode, Failure, Result};
use crate::process::{self, Ended, Job};
use crate::progress::Progress;
use patcher::VersionFile;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;
use verdict::{Blames, By, Decision, Report, Verdict};

/// Memory for the bench. Unit: bytes.
const MEMORY: u64 = 8 << 30;

/// What the bench may need beyond the time that it was told to use. Unit: seconds.
const GRACE: u64 = 60;

/// How long a given number of cases may take. Unit: seconds.
const LONGEST: u64 = 4 * 3600;

/// How long a version that is run alone is watched. Unit: seconds.
const ALONE: u64 = 5;

/// The bench's verdicts on versions.
pub(super) fn run(
    runner: &Path,
    versions: &[VersionFile],
    of_family: Option<&str>,
    effort: &Effort,
) -> Result<Vec<Verdict>> {
    let progress = Progress::new("judging", 0);
    progress.say(format!("{} versions", versions.len()));
    let mut words = Vec::new();
    if let Some(family) = of_family {
        words.extend(["--family".into(), family.into()]);
    }
    let ended = start(runner, words, effort)?;
    match report(&ended)? {
        Some(report) => Ok(report.versions),
        None => alone(runner, versions, of_family, effort, &progress),
    }
}

/// Runs each version without the others, because together they did not come to an end.
fn alone(
    runner: &Path,
    versions: &[VersionFile],
    of_family: Option<&str>,
    effort: &Effort,
    progress: &Progress,
) -> Result<Vec<Verdict>> {
    let effort = Effort { cases: None, seconds: Some(ALONE), seed: effort.seed };
    let mut verdicts: Vec<Verdict> = Vec::new();
    let mut killed = false;
    let asked = |version: &&VersionFile| of_family.is_none_or(|name| version.family == name);
    for version in versions.iter().filter(asked) {
        let slot = version.slot.to_string();
        progress.say(format!("{} alone", version.name()));
        let words = vec![
            "--slot".into(),
            slot.clone().into(),
            "--family".into(),
            version.family.clone().into(),
            "--alone".into(),
        ];
        let ended = start(runner, words, &effort)?;
        match report(&ended)? {
            Some(report) => {
                let new = report.versions.into_iter().filter(|new| {
                    !verdicts.iter().any(|old| old.family == new.family && old.slot == new.slot)
                });
                verdicts.extend(new.collect::<Vec<_>>());
            }
            None => {
                killed = true;
                verdicts.push(killer(&version.family, &slot, &ended));
            }
        }
    }
    if killed {
        return Ok(verdicts);
    }
    Err(Failure::internal("the bench dies with all versions together and with none of them alone"))
}

fn killer(family: &str, slot: &str, ended: &Ended) -> Verdict {
    let by = if ended.timed_out { By::Timeout } else { By::Differential };
    let mut verdict = unseen(Decision::Rejected, family, slot);
    verdict.by = Some(by);
    verdict.blames = Some(Blames::Version);
    verdict.rule = Some("a version ends, and leaves its process alive".to_owned());
    verdict.got = Some(format!("{}; {}", ended.why(), ended.stderr.trim()));
    verdict
}

fn start(runner: &Path, mut words: Vec<OsString>, effort: &Effort) -> Result<Ended> {
    let mut option = |name: &str, value: Option<u64>| {
        words.extend(value.into_iter().flat_map(|value| [name.into(), value.to_string().into()]));
    };
    option("--cases", effort.cases);
    option("--seconds", effort.seconds);
    option("--seed", effort.seed);
    words.push("--json".into());
    let seconds = match (effort.seconds, effort.cases) {
        (Some(seconds), _) => 2 * seconds + GRACE,
        (None, Some(_)) => LONGEST,
        (None, None) => 10 * GRACE,
    };
    let cpu = seconds * std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    process::run(&Job {
        program: runner,
        arguments: words,
        limits: Some(Limits { memory: MEMORY, cpu, read: Vec::new(), write: Vec::new() }),
        timeout: Duration::from_secs(seconds),
        heard: false,
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
