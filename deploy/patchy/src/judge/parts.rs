//! A check in parts, each of which is noted in a file as it ends.
//!
//! What takes hours is interrupted, or is for several machines. So the cases are cut into parts, each
//! with a seed of its own, and every part that ended is a line of a record: what stands there is not run
//! again, and records of several machines are made one by writing them behind each other. A part that
//! was interrupted is run again from its start.

use super::{Effort, Judged};
use crate::exit::{Failure, Result};
use crate::kept::Kept;
use crate::report::note;
use crate::shard::Shard;
use crate::verdicts::BENCH;
use patcher::{Inventory, Project, VersionFile, crates_hash, sha256};
use serde::{Deserialize, Serialize};
use serde_json::json;
use slot_syntax::SlotPath;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;
use verdict::{Decision, Report, Verdict};

/// Between the seeds of two parts: clusters in lockstep take several from the first on.
const STRIDE: u64 = 1_000;

/// How a check is cut.
#[derive(Debug, Clone)]
pub(crate) struct Cut {
    /// How many parts.
    pub(crate) parts: usize,
    /// Which of them are run now; all, if nothing is said.
    pub(crate) shard: Option<Shard>,
    /// Where they are noted.
    pub(crate) record: PathBuf,
}

/// One part, as a line of the record.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Part {
    /// What was run, and by what: lines of another run are none of this one's.
    run: String,
    /// Its number, from 1.
    part: usize,
    seed: u64,
    seconds: f64,
    report: Report,
}

/// What came of a check in parts.
#[derive(Debug, Clone)]
pub(crate) struct Merged {
    pub(crate) judged: Judged,
    /// Numbers of the parts of which there is a line.
    pub(crate) done: Vec<usize>,
    /// How long they took, one after the other.
    pub(crate) seconds: f64,
}

/// Runs the parts of which the record says nothing, and sums up all of which it does.
///
/// # Errors
/// A record of another run; and whatever `judge` fails by, with the parts before it noted.
pub(crate) fn in_parts(
    cut: &Cut,
    run: &str,
    effort: &Effort,
    judge: impl Fn(&Effort) -> Result<Judged>,
) -> Result<Merged> {
    let mut done = read(&cut.record, run)?;
    let all: Vec<usize> = (1..=cut.parts).collect();
    let asked = match cut.shard {
        Some(shard) => shard.of(all),
        None => all,
    };
    let mut cached = true;
    for part in asked {
        if done.contains_key(&part) {
            continue;
        }
        cached = false;
        let effort = of_part(effort, part, cut.parts);
        let seed = effort.seed.unwrap_or_default();
        note(&format!("part {part} of {}, seed {seed}", cut.parts));
        let start = Instant::now();
        let report = judge(&effort)?.report;
        let seconds = start.elapsed().as_secs_f64();
        let ended = Part { run: run.to_owned(), part, seed, seconds, report };
        append(&cut.record, &ended)?;
        done.insert(part, ended);
    }
    let reports: Vec<&Report> = done.values().map(|part| &part.report).collect();
    let report = merged(&reports).ok_or_else(|| {
        Failure::usage("there is no version to judge: families stand in the folder `variants`")
    })?;
    let seconds = done.values().map(|part| part.seconds).sum();
    let done = done.into_keys().collect();
    Ok(Merged { judged: Judged { report, cached }, done, seconds })
}

/// What names a run: everything that decides about its verdicts.
pub(crate) fn name_of_run(
    project: &Project,
    inventory: &Inventory,
    (versions, alone): (&[VersionFile], &[SlotPath]),
    of_family: Option<&str>,
    (effort, parts): (&Effort, usize),
) -> Result<String> {
    let bench = crates_hash(project, &[BENCH])?;
    let texts: Vec<(String, &str)> =
        versions.iter().map(|version| (version.name(), version.sha256.as_str())).collect();
    let alone: Vec<String> = alone.iter().map(SlotPath::to_string).collect();
    let slots = versions.iter().map(|version| version.slot.to_string());
    let slots: BTreeSet<String> = slots.chain(alone.iter().cloned()).collect();
    let inputs = Kept::read(project, inventory)?;
    let inputs: Vec<String> = slots.iter().map(|slot| inputs.hash(slot)).collect();
    let all = json!([bench, texts, alone, inputs, of_family, effort, parts]).to_string();
    Ok(sha256(all.as_bytes()).chars().take(16).collect())
}

/// What one part is asked: its share of the cases, from its own seed.
fn of_part(effort: &Effort, part: usize, parts: usize) -> Effort {
    let first = effort.seed.unwrap_or(1);
    let before = part as u64 - 1;
    Effort {
        cases: effort.cases.map(|cases| cases.div_ceil(parts as u64)),
        seed: Some(first.saturating_add(before * STRIDE)),
        ..effort.clone()
    }
}

/// The parts that a record has. What stands behind the last line's end was being written when somebody
/// pulled the plug, and is cut off.
fn read(record: &Path, run: &str) -> Result<BTreeMap<usize, Part>> {
    let text = match fs::read_to_string(record) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(Failure::file(record)(error)),
    };
    let end = text.rfind('\n').map_or(0, |at| at + 1);
    let mut parts = BTreeMap::new();
    for (number, line) in text[..end].lines().enumerate() {
        let wrong =
            |why: &str| Failure::usage(format!("{}:{}: {why}", record.display(), number + 1));
        let part: Part = serde_json::from_str(line)
            .map_err(|_| wrong("this is no part of a check; name another file with --record"))?;
        if part.run != run {
            return Err(wrong(
                "this is of another check: options, versions or the bench have changed since; name \
                 another file with --record",
            ));
        }
        parts.insert(part.part, part);
    }
    if end < text.len() {
        let file = OpenOptions::new().write(true).open(record).map_err(Failure::file(record))?;
        file.set_len(end as u64).map_err(Failure::file(record))?;
    }
    Ok(parts)
}

/// A line at the end of the record, on the disk before anything else is done.
fn append(record: &Path, part: &Part) -> Result<()> {
    // Texts and numbers only: this cannot fail.
    let line = serde_json::to_string(part).unwrap_or_default() + "\n";
    let file = OpenOptions::new().create(true).append(true).open(record);
    let mut file = file.map_err(Failure::file(record))?;
    file.write_all(line.as_bytes()).map_err(Failure::file(record))?;
    file.sync_data().map_err(Failure::file(record))
}

/// One report for all parts; `None` for none.
fn merged(reports: &[&Report]) -> Option<Report> {
    let mut versions: BTreeMap<(&str, &str), Vec<&Verdict>> = BTreeMap::new();
    for verdict in reports.iter().flat_map(|report| &report.versions) {
        versions.entry((&verdict.slot, &verdict.family)).or_default().push(verdict);
    }
    let report = Report::new(versions.values().map(|parts| sum(parts)).collect())?;
    let stale = reports.iter().flat_map(|report| &report.stale);
    let stale = stale.map(|stale| (&stale.name, stale)).collect::<BTreeMap<_, _>>();
    Some(Report { stale: stale.into_values().cloned().collect(), ..report })
}

/// One verdict on a version for those of several parts, of which there is at least one: what any part
/// found counts. A reason that one part's inputs did not reach another part's may have.
fn sum(parts: &[&Verdict]) -> Verdict {
    let missed = |part: &&Verdict, reason: &String| part.reasons_missed.contains(reason);
    let mut reasons = parts[0].reasons_missed.clone();
    reasons.retain(|reason| parts.iter().all(|part| missed(part, reason)));
    let gravity = |part: &&&Verdict| match part.verdict {
        Decision::Accepted => 0,
        // Elsewhere what it lacked was met.
        Decision::Undecided if !part.reasons_missed.is_empty() && reasons.is_empty() => 0,
        Decision::Undecided => 1,
        Decision::Rejected => 2,
    };
    // The first of those that weigh most; of those that weigh nothing, one that is accepted.
    let worst = parts.iter().map(|part| gravity(&part)).max().unwrap_or_default();
    let mut heaviest = parts.iter().filter(|part| gravity(part) == worst);
    let first = heaviest.clone().next();
    let decisive = heaviest.find(|part| worst > 0 || part.verdict == Decision::Accepted);
    let mut whole = decisive.or(first).map_or_else(|| parts[0].clone(), |part| (*part).clone());
    let cases: u64 = parts.iter().map(|part| part.cases).sum();
    let changing = parts.iter().map(|part| part.state_changing_percent * part.cases as f64);
    let changing = changing.sum::<f64>() / cases.max(1) as f64;
    whole.state_changing_percent = (changing * 100.0).round() / 100.0;
    whole.cases = cases;
    whole.reasons_missed = reasons;
    whole.cases_per_second = speed(parts, |part| part.cases_per_second);
    whole.inputs_per_second = speed(parts, |part| part.inputs_per_second);
    let time = parts.iter().map(|part| u128::from(part.mean_nanoseconds) * u128::from(part.cases));
    whole.mean_nanoseconds = quotient(time.sum(), cases.into());
    whole
}

/// A speed over all parts, by the time that each took for its cases.
fn speed(parts: &[&Verdict], of: impl Fn(&Verdict) -> u64) -> u64 {
    let ran = parts.iter().map(|part| (u128::from(part.cases) * MICRO, u128::from(of(part))));
    let ran: Vec<(u128, u128)> = ran.filter(|(_, speed)| *speed > 0).collect();
    let micros = ran.iter().map(|(cases, speed)| cases / speed).sum();
    quotient(ran.iter().map(|(cases, _)| cases).sum(), micros)
}

const MICRO: u128 = 1_000_000;

fn quotient(whole: u128, by: u128) -> u64 {
    u64::try_from(whole.checked_div(by).unwrap_or_default()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::unseen;
    use std::cell::RefCell;
    use verdict::By;

    const SLOT: &str = "pre_order.covers";

    fn verdict(decision: Decision, cases: u64) -> Verdict {
        let speed = if cases == 0 { 0 } else { 1_000 };
        let (cases_per_second, inputs_per_second) = (speed, speed / 2);
        let state_changing_percent = 50.0;
        let unseen = unseen(decision, "heron", SLOT);
        Verdict { cases, cases_per_second, inputs_per_second, state_changing_percent, ..unseen }
    }

    fn lacking(decision: Decision, reasons: &[&str]) -> Verdict {
        let reasons_missed = reasons.iter().map(ToString::to_string).collect();
        Verdict { reasons_missed, ..verdict(decision, 10) }
    }

    #[test]
    fn what_any_part_finds_counts_and_what_one_lacks_another_may_have() {
        let (fine, bad) = (verdict(Decision::Accepted, 30), verdict(Decision::Rejected, 7));
        let bad = Verdict { by: Some(By::Oracle), rule: Some("so".to_owned()), ..bad };
        let whole = sum(&[&fine, &bad, &fine]);
        assert_eq!((whole.verdict, whole.by, whole.cases), (Decision::Rejected, bad.by, 67));
        let open = lacking(Decision::Undecided, &["Stale"]);
        assert_eq!(sum(&[&open, &fine]).verdict, Decision::Accepted);
        assert_eq!(sum(&[&open, &open]).reasons_missed, ["Stale"]);
        assert_eq!(sum(&[&open, &open]).verdict, Decision::Undecided);
        let other = lacking(Decision::Undecided, &[]);
        assert_eq!(sum(&[&fine, &other]).verdict, Decision::Undecided);
        // Nobody says that it would have been accepted with what it lacked.
        let apart = lacking(Decision::Undecided, &["Invalid"]);
        assert_eq!(sum(&[&open, &apart]).verdict, Decision::Undecided);
    }

    #[test]
    fn shares_and_speeds_are_weighed_by_cases_and_time() {
        let slow = Verdict { state_changing_percent: 20.0, ..verdict(Decision::Accepted, 3_000) };
        let quick = Verdict { cases_per_second: 4_000, ..verdict(Decision::Accepted, 1_000) };
        let whole = sum(&[&slow, &quick]);
        assert_eq!((whole.cases, whole.state_changing_percent), (4_000, 27.5));
        // 3 s and a quarter.
        assert_eq!(whole.cases_per_second, 1_230);
        let nothing = verdict(Decision::Undecided, 0);
        assert_eq!(sum(&[&nothing, &nothing]).cases_per_second, 0);
    }

    /// A judge that is killed when it meets the seed `until`, and notes the seeds that it met.
    fn run(record: &Path, shard: Option<&str>, until: u64) -> (Vec<u64>, Result<Merged>) {
        let shard = shard.map(|shard| shard.parse().unwrap());
        let cut = Cut { parts: 4, shard, record: record.to_owned() };
        let met = RefCell::new(Vec::new());
        let effort = Effort { cases: Some(10), seed: Some(5), ..Effort::default() };
        let merged = in_parts(&cut, "this", &effort, |effort| {
            let seed = effort.seed.unwrap();
            met.borrow_mut().push(seed);
            if seed == until {
                return Err(Failure::usage("killed"));
            }
            let report = Report::new(vec![verdict(Decision::Accepted, effort.cases.unwrap())]);
            Ok(Judged { report: report.unwrap(), cached: false })
        });
        (met.into_inner(), merged)
    }

    #[test]
    fn a_run_that_was_killed_goes_on_where_it_was_and_comes_to_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let (whole, broken) = (folder.path().join("whole"), folder.path().join("broken"));
        let (met, all) = run(&whole, None, 0);
        let all = all.unwrap();
        assert_eq!((met, &*all.done), (vec![5, 1_005, 2_005, 3_005], &[1, 2, 3, 4][..]));
        // Three cases a part, lest any be left out.
        assert_eq!((all.judged.report.total_cases, all.judged.cached), (12, false));

        let (met, killed) = run(&broken, None, 2_005);
        assert_eq!((met, killed.unwrap_err().sentence.as_str()), (vec![5, 1_005, 2_005], "killed"));
        // The plug was pulled while a line was written.
        let text = fs::read_to_string(&broken).unwrap();
        assert_eq!(text.lines().count(), 2);
        let half = text.lines().next().unwrap().split_at(40).0;
        fs::write(&broken, format!("{text}{half}")).unwrap();
        let (met, resumed) = run(&broken, None, 0);
        let resumed = resumed.unwrap();
        assert_eq!(met, [2_005, 3_005]);
        assert_eq!((&resumed.done, &resumed.judged.report), (&all.done, &all.judged.report));
        let (met, again) = run(&broken, None, 0);
        assert_eq!((met, again.unwrap().judged.cached), (vec![], true));
    }

    #[test]
    fn shards_records_behind_each_other_are_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let (met, first) = run(&file("1"), Some("1/2"), 0);
        assert_eq!((met, first.unwrap().done), (vec![5, 1_005], vec![1, 2]));
        let (met, second) = run(&file("2"), Some("2/2"), 0);
        assert_eq!((met, second.unwrap().done), (vec![2_005, 3_005], vec![3, 4]));
        let texts = ["2", "1"].map(|name| fs::read_to_string(file(name)).unwrap());
        fs::write(file("both"), texts.concat()).unwrap();
        let (met, both) = run(&file("both"), None, 0);
        let (_, whole) = run(&file("whole"), None, 0);
        assert!(met.is_empty());
        assert_eq!(both.unwrap().judged.report, whole.unwrap().judged.report);
    }

    #[test]
    fn a_record_of_something_else_is_refused_by_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let record = folder.path().join("record");
        run(&record, Some("1/4"), 0).1.unwrap();
        let text = fs::read_to_string(&record).unwrap();
        let said = |text: String| {
            fs::write(&record, text).unwrap();
            let sentence = run(&record, None, 0).1.unwrap_err().sentence;
            sentence.replace(record.to_str().unwrap(), "record")
        };
        let other = said(format!("{text}{}", text.replace("\"this\"", "\"that\"")));
        assert!(other.starts_with("record:2: this is of another check: "), "{other}");
        let none = said("{}\n".to_owned());
        assert!(none.starts_with("record:1: this is no part of a check"), "{none}");
    }
}
