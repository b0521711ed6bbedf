//! Judging versions one at a time, several at once.

use crate::confine::Limits;
use crate::exit::{ExitCode, Failure, Result};
use crate::process::{self, Ended, Job};
use crate::progress::Progress;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use verdict::{By, CHOSEN, Decision, Report};

/// How hard the bench looks at one mutant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// Inputs at most.
    pub(crate) cases: u64,
    /// Seconds at most.
    pub(crate) seconds: u64,
    /// Decides the inputs.
    pub(crate) seed: u64,
}

/// What noticed a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Killer {
    /// The specification.
    Oracle,
    /// The comparison with the reference, or a panic.
    Differential,
    /// Time, effects or growth.
    Resource,
    /// No answer in time.
    Timeout,
    /// It took its process down.
    Crash,
}

impl Killer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Oracle => "oracle",
            Self::Differential => "differential",
            Self::Resource => "resource",
            Self::Timeout => "timeout",
            Self::Crash => "crash",
        }
    }

    /// Whether it shows a difference that the machine's load cannot make.
    pub(crate) fn proves(self) -> bool {
        matches!(self, Self::Oracle | Self::Differential)
    }
}

/// Who killed each version, by family; `None` if nobody did.
pub(crate) type Verdicts = BTreeMap<String, Option<Killer>>;

/// Memory for one runner. Unit: bytes.
const MEMORY: u64 = 3 << 30;

/// How long one call may take. Unit: seconds.
const CALL: u64 = 2;

/// What a runner may need beyond the time for its cases, to record its corpus. Unit: seconds.
const GRACE: u64 = 60;

/// Judges versions, each a family with its slot, on as many processors as there are.
pub(crate) fn judge(
    runner: &Path,
    versions: &[(String, String)],
    effort: &Effort,
    progress: &Progress,
) -> Result<Verdicts> {
    let next = AtomicUsize::new(0);
    let found: Mutex<(Verdicts, Option<Failure>)> = Mutex::default();
    let lock = || found.lock().unwrap_or_else(PoisonError::into_inner);
    let work = || {
        while let Some((family, slot)) = versions.get(next.fetch_add(1, Ordering::Relaxed)) {
            let judged = one(runner, family, slot, effort);
            let mut found = lock();
            match judged {
                Ok(killer) => {
                    found.0.insert(family.clone(), killer);
                    progress.set(found.0.len() as u64, slot.clone());
                }
                Err(failure) => {
                    next.store(versions.len(), Ordering::Relaxed);
                    found.1.get_or_insert(failure);
                }
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    let (mut verdicts, failure) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(failure) = failure {
        return Err(failure);
    }
    // Time is the machine's doing too: what only took long must do so again, undisturbed.
    let slow = |(family, _): &&(String, String)| verdicts[family] == Some(Killer::Resource);
    for (family, slot) in versions.iter().filter(slow).cloned().collect::<Vec<_>>() {
        verdicts.insert(family.clone(), one(runner, &family, &slot, effort)?);
    }
    Ok(verdicts)
}

/// Who kills one version.
fn one(runner: &Path, family: &str, slot: &str, effort: &Effort) -> Result<Option<Killer>> {
    let Effort { cases, seconds, seed } = effort;
    let mut words: Vec<OsString> = Vec::new();
    let mut option = |name: &str, value: String| words.extend([name.into(), value.into()]);
    option("--slot", slot.to_owned());
    option("--family", family.to_owned());
    option("--cases", cases.to_string());
    option("--seconds", seconds.to_string());
    option("--seed", seed.to_string());
    option("--limit", CALL.to_string());
    words.extend(["--as-found".into(), "--json".into()]);
    let most = seconds + GRACE;
    let environment = [crate::judge::STEADY_MEMORY.as_slice(), &[(CHOSEN, family)]].concat();
    let ended = process::run(&Job {
        program: runner,
        arguments: words,
        limits: Some(Limits { memory: MEMORY, cpu: most, ..Limits::default() }),
        timeout: Duration::from_secs(most),
        heard: false,
        environment: &environment,
        input: None,
    })?;
    killer(&ended, family)
}

/// Who killed it, by how its process ended and what it said.
fn killer(ended: &Ended, family: &str) -> Result<Option<Killer>> {
    if ended.timed_out {
        return Ok(Some(Killer::Timeout));
    }
    match ExitCode::of_runner(ended.code) {
        ExitCode::Done | ExitCode::Divergence => {}
        ExitCode::Usage => return Err(Failure::internal(ended.stderr.trim())),
        _ => return Ok(Some(Killer::Crash)),
    }
    let report: Report = serde_json::from_str(&ended.stdout)
        .map_err(|error| Failure::internal(format!("the bench's answer: {error}")))?;
    let verdict = report.versions.iter().find(|verdict| verdict.family == family);
    let verdict = verdict
        .ok_or_else(|| Failure::internal(format!("the bench said nothing about {family}")))?;
    Ok(match (verdict.verdict, verdict.by) {
        (Decision::Accepted | Decision::Undecided, _) => None,
        (Decision::Rejected, Some(By::Oracle)) => Some(Killer::Oracle),
        (Decision::Rejected, Some(By::Resource)) => Some(Killer::Resource),
        (Decision::Rejected, Some(By::Timeout)) => Some(Killer::Timeout),
        (Decision::Rejected, _) => Some(Killer::Differential),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(code: Option<i32>, timed_out: bool, stdout: &str) -> Ended {
        let (stdout, stderr) = (stdout.to_owned(), "said".to_owned());
        Ended { code, signal: None, timed_out, stdout, stderr }
    }

    #[test]
    fn a_process_that_dies_or_hangs_kills_its_mutant() {
        assert_eq!(killer(&ended(None, true, ""), "m1").unwrap(), Some(Killer::Timeout));
        assert_eq!(killer(&ended(None, false, ""), "m1").unwrap(), Some(Killer::Crash));
        assert_eq!(killer(&ended(Some(101), false, ""), "m1").unwrap(), Some(Killer::Crash));
        assert_eq!(killer(&ended(Some(1), false, ""), "m1").unwrap_err().sentence, "said");
        let sentence = killer(&ended(Some(0), false, "{}"), "m1").unwrap_err().sentence;
        assert!(sentence.starts_with("the bench's answer: "), "{sentence}");
    }
}
