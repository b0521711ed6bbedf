//! Judging versions one at a time, many in one process and several processes at once.
//!
//! What a bench has to record before it can judge takes it seconds, so a process judges as many
//! versions as come back to it. One that does not, or takes its process down, ends its own judgement
//! alone: the rest goes to a new process.

use crate::confine::Limits;
use crate::exit::{ExitCode, Failure, Result};
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
use verdict::{By, CHOSEN, Decision, Report, Verdict};

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

/// Versions for one process at most: what one of them does to the process's memory is others' trouble.
const TOGETHER: usize = 48;

/// How often a version must have taken long, undisturbed the times after the first, to be blamed.
const SLOW: usize = 3;

/// Judges versions, each a family with its slot, on as many processors as there are.
pub(crate) fn judge(
    runner: &Path,
    versions: &[(String, String)],
    effort: &Effort,
    progress: &Progress,
) -> Result<Verdicts> {
    let mut verdicts = BTreeMap::new();
    for (family, said) in side_by_side(runner, versions, effort, &[], progress)? {
        verdicts.insert(family, said.killer());
    }
    // Time is the machine's doing too.
    for _ in 1..SLOW {
        let slow = versions.iter().filter(|(family, _)| verdicts[family] == Some(Killer::Resource));
        for (family, said) in one_by_one(runner, &slow.collect::<Vec<_>>(), effort, &[])? {
            verdicts.insert(family, said.killer());
        }
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
    let all = side_by_side(runner, versions, effort, &["--every"], progress)?;
    let failed = |said: Said| match said {
        Said::Verdict(verdict) if verdict.by != Some(By::Timeout) => {
            Some(verdict.failed.into_iter().collect())
        }
        // It failed wherever it was called last, and nobody knows where else.
        _ => None,
    };
    Ok(all.into_iter().map(|(family, said)| (family, failed(said))).collect())
}

/// What became of one version.
enum Said {
    /// The bench has judged it.
    Verdict(Box<Verdict>),
    /// Its process ended before that.
    Ended(Killer),
}

impl Said {
    fn killer(&self) -> Option<Killer> {
        let verdict = match self {
            Self::Verdict(verdict) => verdict,
            Self::Ended(killer) => return Some(*killer),
        };
        match (verdict.verdict, verdict.by) {
            (Decision::Accepted | Decision::Undecided, _) => None,
            (Decision::Rejected, Some(By::Oracle)) => Some(Killer::Oracle),
            (Decision::Rejected, Some(By::Resource)) => Some(Killer::Resource),
            (Decision::Rejected, Some(By::Timeout)) => Some(Killer::Timeout),
            (Decision::Rejected, _) => Some(Killer::Differential),
        }
    }
}

/// Judges versions on as many processors as there are.
fn side_by_side(
    runner: &Path,
    versions: &[(String, String)],
    effort: &Effort,
    more: &[&str],
    progress: &Progress,
) -> Result<BTreeMap<String, Said>> {
    let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let together = versions.len().div_ceil(workers).clamp(1, TOGETHER);
    let parts: Vec<&[(String, String)]> = versions.chunks(together).collect();
    let next = AtomicUsize::new(0);
    let found: Mutex<(BTreeMap<String, Said>, Option<Failure>)> =
        Mutex::new((BTreeMap::new(), None));
    let lock = || found.lock().unwrap_or_else(PoisonError::into_inner);
    let worker = || {
        while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            let done = one_by_one(runner, &part.iter().collect::<Vec<_>>(), effort, more);
            let mut found = lock();
            match done {
                Ok(done) => {
                    found.0.extend(done);
                    let slot = part.last().map_or("", |(_, slot)| slot);
                    let (done, all) = (found.0.len(), versions.len());
                    progress.set(done as u64, format!("{done} of {all}, last {slot}"));
                }
                Err(failure) => {
                    next.store(parts.len(), Ordering::Relaxed);
                    found.1.get_or_insert(failure);
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(worker);
        }
    });
    let (done, failure) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    failure.map_or(Ok(done), Err)
}

/// Judges versions one after the other, in one process as long as it lives.
fn one_by_one(
    runner: &Path,
    mut versions: &[&(String, String)],
    effort: &Effort,
    more: &[&str],
) -> Result<Vec<(String, Said)>> {
    let mut all = Vec::new();
    while !versions.is_empty() {
        let said = said(&run(runner, versions, effort, more)?, versions)?;
        let (done, left) = versions.split_at(said.len());
        all.extend(done.iter().map(|(family, _)| family.clone()).zip(said));
        versions = left;
    }
    Ok(all)
}

/// Runs the bench over some versions. Their texts come of texts that stand in the project, and nobody gains by what
/// is said of them: so it is said without a seal.
fn run(
    runner: &Path,
    versions: &[&(String, String)],
    effort: &Effort,
    more: &[&str],
) -> Result<Ended> {
    let Effort { cases, seconds, seed } = effort;
    let mut words: Vec<OsString> = Vec::new();
    let mut option = |name: &str, value: u64| {
        words.extend([name.into(), value.to_string().into()]);
    };
    option("--cases", *cases);
    option("--seconds", *seconds);
    option("--seed", *seed);
    option("--limit", CALL);
    words.extend(["--as-found".into(), "--json".into()]);
    words.extend(more.iter().map(OsString::from));
    let most = seconds.saturating_mul(versions.len() as u64) + GRACE;
    let chosen: Vec<&str> = versions.iter().map(|(family, _)| family.as_str()).collect();
    let chosen = chosen.join(",");
    let environment = [crate::judge::STEADY_MEMORY.as_slice(), &[(CHOSEN, &chosen)]].concat();
    process::run(&Job {
        program: runner,
        arguments: words,
        limits: Some(Limits { memory: MEMORY, cpu: most, ..Limits::default() }),
        timeout: Duration::from_secs(most),
        heard: false,
        environment: &environment,
        input: Input::Nothing,
    })
}

/// What a process said of the versions that it was to judge, of one at least: of each in turn, and of
/// the next, if that took it down, by how it ended.
fn said(ended: &Ended, versions: &[&(String, String)]) -> Result<Vec<Said>> {
    let code = ExitCode::of_runner(ended.code);
    if code == ExitCode::Usage && !ended.timed_out {
        return Err(Failure::internal(ended.stderr.trim()));
    }
    let whole = ended.stdout.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    let mut all = Vec::new();
    for (line, (family, slot)) in whole.zip(versions) {
        all.push(Said::Verdict(Box::new(verdict(line, family, slot)?)));
    }
    // Who does not come back is given up by the bench, which says so and ends.
    let finished = matches!(code, ExitCode::Done | ExitCode::Divergence) && !ended.timed_out;
    if all.len() < versions.len() && !finished {
        all.push(Said::Ended(if ended.timed_out { Killer::Timeout } else { Killer::Crash }));
    }
    if all.is_empty() {
        return Err(Failure::internal("the bench ended without a word"));
    }
    Ok(all)
}

/// What the bench said of a version.
fn verdict(line: &str, family: &str, slot: &str) -> Result<Verdict> {
    let report: Report = serde_json::from_str(line)
        .map_err(|error| Failure::internal(format!("the bench's answer: {error}")))?;
    let of_it = |verdict: &Verdict| verdict.family == family && verdict.slot == slot;
    let verdict = report.versions.into_iter().find(of_it);
    verdict
        .ok_or_else(|| Failure::internal(format!("the bench said nothing about {family}/{slot}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::unseen;

    fn ended(code: Option<i32>, timed_out: bool, stdout: &str) -> Ended {
        let (stdout, stderr) = (stdout.to_owned(), "said".to_owned());
        Ended { code, signal: None, timed_out, stdout, stderr, answer: None, too_much: false }
    }

    /// What a process says of one version.
    fn line(family: &str, decision: Decision, by: Option<By>) -> String {
        let verdict = Verdict { by, ..unseen(decision, family, "a.b") };
        let report = Report::new(vec![unseen(Decision::Accepted, "reference", "a.b"), verdict]);
        serde_json::to_string(&report.unwrap()).unwrap() + "\n"
    }

    /// Who killed those of whom something was said.
    fn killers(ended: &Ended) -> Vec<Option<Killer>> {
        let versions = ["m1", "m2", "m3"].map(|family| (family.to_owned(), "a.b".to_owned()));
        let said = said(ended, &versions.iter().collect::<Vec<_>>()).unwrap();
        said.iter().map(Said::killer).collect()
    }

    #[test]
    fn a_process_that_dies_or_hangs_kills_the_mutant_that_it_was_at() {
        assert_eq!(killers(&ended(None, true, "")), [Some(Killer::Timeout)]);
        assert_eq!(killers(&ended(None, false, "")), [Some(Killer::Crash)]);
        let first = line("m1", Decision::Accepted, None);
        assert_eq!(killers(&ended(Some(101), false, &first)), [None, Some(Killer::Crash)]);
        // A line that was begun says nothing.
        let begun = format!("{first}{{\"slot\":");
        assert_eq!(killers(&ended(None, true, &begun)), [None, Some(Killer::Timeout)]);
        // One that the bench gave up takes nobody behind it along.
        let given_up = first + &line("m2", Decision::Rejected, Some(By::Timeout));
        assert_eq!(killers(&ended(Some(2), false, &given_up)), [None, Some(Killer::Timeout)]);
        let all = given_up + &line("m3", Decision::Rejected, Some(By::Oracle));
        assert_eq!(killers(&ended(Some(2), false, &all))[2], Some(Killer::Oracle));
    }

    #[test]
    fn what_a_bench_never_says_is_our_bug() {
        let version = ("m1".to_owned(), "a.b".to_owned());
        let sentence = |ended: Ended| said(&ended, &[&version]).err().unwrap().sentence;
        assert_eq!(sentence(ended(Some(1), false, "")), "said");
        assert_eq!(sentence(ended(Some(0), false, "")), "the bench ended without a word");
        let other = sentence(ended(Some(0), false, "{}\n"));
        assert!(other.starts_with("the bench's answer: "), "{other}");
        let another = line("m2", Decision::Accepted, None);
        let other = sentence(ended(Some(0), false, &another));
        assert_eq!(other, "the bench said nothing about m1/a.b");
    }
}
