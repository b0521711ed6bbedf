//! Judging versions one at a time, several at once.

use crate::confine::Limits;
use crate::exit::{Failure, Result};
use crate::judge::{Asked, report};
use crate::process::{self, Ended, Input, Job};
use crate::progress::Progress;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use verdict::{By, CHOSEN, Decision, SEALED, Verdict};

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
    let work = |family: &str, slot: &str| one(runner, family, slot, effort);
    let mut verdicts = side_by_side(versions, progress, work)?;
    // Time is the machine's doing too: what only took long must do so again, undisturbed.
    let slow = |(family, _): &&(String, String)| verdicts[family] == Some(Killer::Resource);
    for (family, slot) in versions.iter().filter(slow).cloned().collect::<Vec<_>>() {
        verdicts.insert(family.clone(), one(runner, &family, &slot, effort)?);
    }
    Ok(verdicts)
}

/// The cases on which each version fails; nothing for one that takes its process down.
pub(crate) fn failing(
    runner: &Path,
    versions: &[(String, String)],
    effort: &Effort,
    progress: &Progress,
) -> Result<BTreeMap<String, Option<BTreeSet<u64>>>> {
    side_by_side(versions, progress, |family, slot| {
        let ended = run(runner, family, slot, effort, &["--every"])?;
        // It failed wherever it was called last, and nobody knows where else.
        let Some(verdict) = verdict(&ended, family, slot)? else { return Ok(None) };
        Ok((verdict.by != Some(By::Timeout)).then(|| verdict.failed.into_iter().collect()))
    })
}

/// Does something with each version, on as many processors as there are.
fn side_by_side<T: Send>(
    versions: &[(String, String)],
    progress: &Progress,
    work: impl Fn(&str, &str) -> Result<T> + Sync,
) -> Result<BTreeMap<String, T>> {
    let next = AtomicUsize::new(0);
    let found: Mutex<(BTreeMap<String, T>, Option<Failure>)> = Mutex::new((BTreeMap::new(), None));
    let lock = || found.lock().unwrap_or_else(PoisonError::into_inner);
    let worker = || {
        while let Some((family, slot)) = versions.get(next.fetch_add(1, Ordering::Relaxed)) {
            let done = work(family, slot);
            let mut found = lock();
            match done {
                Ok(done) => {
                    found.0.insert(family.clone(), done);
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
            scope.spawn(worker);
        }
    });
    let (done, failure) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    failure.map_or(Ok(done), Err)
}

/// Who kills one version.
fn one(runner: &Path, family: &str, slot: &str, effort: &Effort) -> Result<Option<Killer>> {
    killer(&run(runner, family, slot, effort, &[])?, family, slot)
}

/// Runs the bench over one version.
fn run(runner: &Path, family: &str, slot: &str, effort: &Effort, more: &[&str]) -> Result<Ended> {
    let Effort { cases, seconds, seed } = effort;
    let mut words: Vec<OsString> = Vec::new();
    let mut option = |name: &str, value: String| words.extend([name.into(), value.into()]);
    option("--slot", slot.to_owned());
    option("--family", family.to_owned());
    option("--cases", cases.to_string());
    option("--seconds", seconds.to_string());
    option("--seed", seed.to_string());
    option("--limit", CALL.to_string());
    words.extend(["--as-found".into(), SEALED.into()]);
    words.extend(more.iter().map(OsString::from));
    let most = seconds + GRACE;
    let environment = [crate::judge::STEADY_MEMORY.as_slice(), &[(CHOSEN, family)]].concat();
    process::run(&Job {
        program: runner,
        arguments: words,
        limits: Some(Limits { memory: MEMORY, cpu: most, ..Limits::default() }),
        timeout: Duration::from_secs(most),
        heard: false,
        environment: &environment,
        input: Input::Key,
    })
}

/// Who killed it, by how its process ended and what it said.
fn killer(ended: &Ended, family: &str, slot: &str) -> Result<Option<Killer>> {
    if ended.timed_out {
        return Ok(Some(Killer::Timeout));
    }
    let Some(verdict) = verdict(ended, family, slot)? else { return Ok(Some(Killer::Crash)) };
    Ok(match (verdict.verdict, verdict.by) {
        (Decision::Accepted | Decision::Undecided, _) => None,
        (Decision::Rejected, Some(By::Oracle)) => Some(Killer::Oracle),
        (Decision::Rejected, Some(By::Resource)) => Some(Killer::Resource),
        (Decision::Rejected, Some(By::Timeout)) => Some(Killer::Timeout),
        (Decision::Rejected, _) => Some(Killer::Differential),
    })
}

/// What the bench said of a version; `None` if its process ended before.
fn verdict(ended: &Ended, family: &str, slot: &str) -> Result<Option<Verdict>> {
    let said = report(ended, &Asked::one(family, slot))
        // Nobody but this tool chose what it was asked.
        .map_err(|failure| Failure::internal(failure.sentence))?;
    Ok(said.map(|report| report.decisive))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(code: Option<i32>, timed_out: bool, answer: Option<&str>) -> Ended {
        let answer = answer.map(str::to_owned);
        let (stdout, stderr) = (String::new(), "said".to_owned());
        Ended { code, signal: None, timed_out, stdout, stderr, answer, too_much: false }
    }

    #[test]
    fn a_process_that_dies_or_hangs_kills_its_mutant() {
        let killer = |ended: &Ended| killer(ended, "m1", "order.accept");
        assert_eq!(killer(&ended(None, true, None)).unwrap(), Some(Killer::Timeout));
        for code in [None, Some(0), Some(1), Some(101)] {
            assert_eq!(killer(&ended(code, false, None)).unwrap(), Some(Killer::Crash));
        }
        let refused = killer(&ended(Some(1), false, Some("{\"Err\":\"which?\"}"))).unwrap_err();
        assert_eq!((refused.sentence.as_str(), refused.code.number()), ("which?", 70));
        let sentence = killer(&ended(Some(0), false, Some("{}"))).unwrap_err().sentence;
        assert!(sentence.starts_with("the bench's answer: "), "{sentence}");
    }
}
