//! What the demonstration showed, for people and for scripts.

use super::blame::Blame;
use super::build::Programs;
use super::faulty::{Equal, Mixed};
use super::planting::Planted;
use crate::commands::check::word;
use crate::exit::ExitCode;
use crate::judge::Judged;
use crate::report::{Report, table};
use cluster::BenchReport;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use verdict::{Decision, Verdict};

/// Everything that was seen.
pub(super) struct Outcome {
    pub(super) judged: Judged,
    pub(super) built: Programs,
    pub(super) working: BenchReport,
    pub(super) planted: Planted,
    /// On the planted version.
    pub(super) verdict: Option<Verdict>,
    pub(super) equal: Equal,
    pub(super) mixed: Mixed,
    pub(super) blame: Blame,
    pub(super) seconds: f64,
    /// Of each part.
    pub(super) parts: BTreeMap<String, f64>,
}

impl Outcome {
    pub(super) fn report(&self) -> Report {
        Report::done(self.json(), self.text()).with_code(self.code())
    }

    fn planted(&self) -> Value {
        json!({
            "replica": self.planted.replica,
            "slot": self.planted.version.slot.to_string(),
            "version": self.planted.version.name(),
        })
    }

    fn blamed(&self) -> Value {
        json!({
            "replica": self.blame.replica,
            "slot": self.blame.slot,
            "version": self.blame.version,
        })
    }

    fn json(&self) -> Value {
        json!({
            "replicas": self.built.mixed.len(),
            "distinct_compositions": self.built.distinct_compositions(),
            "compositions": self.built.mixed,
            "updates_committed": self.working.updates,
            "throughput": self.working.throughput,
            "p50_ms": self.working.p50_ms,
            "p99_ms": self.working.p99_ms,
            "workload": self.working,
            "homogeneous_survived": self.equal.survived(),
            "homogeneous_died": self.equal.died,
            "homogeneous_updates_before_trigger": self.equal.updates_before,
            "homogeneous_updates_submitted_after_trigger": self.equal.updates_submitted_after,
            "homogeneous_updates_after_trigger": self.equal.updates_after,
            "mixed_survived": self.mixed.survived(),
            "mixed_leader": self.mixed.leader.0,
            "mixed_died": self.mixed.died,
            "mixed_updates_before_trigger": self.mixed.updates_before,
            "mixed_updates_after_trigger": self.mixed.updates_after,
            "planted": self.planted(),
            "blamed": self.blamed(),
            "inquest": self.blame,
            "check_verdict": self.verdict.as_ref().map(word),
            "versions_verdict": word(&self.judged.report.decisive),
            "versions_judged": self.judged.report.versions.len(),
            "cases": self.judged.report.total_cases,
            "seconds": self.seconds,
            "seconds_of_parts": self.parts,
        })
    }

    fn text(&self) -> String {
        let yes = |held: bool| if held { "yes" } else { "no" }.to_owned();
        let mut shown = table(["", "four equal replicas", "the mixture"]);
        shown.add_row([
            "survived".to_owned(),
            yes(self.equal.survived()),
            yes(self.mixed.survived()),
        ]);
        shown.add_row([
            "replicas dead".to_owned(),
            self.equal.died.to_string(),
            self.mixed.died.to_string(),
        ]);
        shown.add_row([
            "updates after the trigger".to_owned(),
            self.equal.updates_after.to_string(),
            self.mixed.updates_after.to_string(),
        ]);
        let name =
            |version: &Option<String>| version.clone().unwrap_or_else(|| "nobody".to_owned());
        format!(
            "\n{shown}\nplanted: {} in replica {}\nblamed:  {} in replica {} (by {})\n{:.1} s in all",
            self.planted.version.name(),
            self.planted.replica,
            name(&self.blame.version),
            self.blame.replica,
            self.blame.found_by,
            self.seconds,
        )
    }

    fn code(&self) -> ExitCode {
        if !self.mixed.survived() {
            ExitCode::LivenessLost
        } else if self.equal.survived() || self.planted() != self.blamed() {
            // What was planted did not do what it should, or was not found: our bug.
            ExitCode::Internal
        } else {
            ExitCode::Done
        }
    }
}

/// How many versions of each family have which verdict.
pub(super) fn verdicts_by_family(report: &verdict::Report) -> String {
    let mut families: BTreeMap<&str, [u64; 4]> = BTreeMap::new();
    for verdict in &report.versions {
        let counts = families.entry(&verdict.family).or_default();
        match verdict.verdict {
            Decision::Accepted => counts[0] += 1,
            Decision::Undecided => counts[1] += 1,
            Decision::Rejected => counts[2] += 1,
        }
        counts[3] += verdict.cases;
    }
    let mut shown = table(["family", "accepted", "undecided", "rejected", "cases"]);
    for (family, counts) in families {
        let counts = counts.map(|count| count.to_string());
        shown.add_row([&[family.to_owned()], &counts[..]].concat());
    }
    shown.to_string()
}
