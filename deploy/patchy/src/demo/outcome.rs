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
        let (code, missing) = self.conclusion().verdict();
        let (mut json, mut text) = (self.json(), self.text());
        if let Some(missing) = missing {
            json["error"] = missing.into();
            json["exit_code"] = code.number().into();
            text.push_str(&format!("\nthis is not what was to be shown: {missing}"));
        }
        Report::done(json, text).with_code(code)
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
            "distinct_compositions": self.built.distinct_compositions,
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
            self.blame.found_by.word(),
            self.seconds,
        )
    }

    fn conclusion(&self) -> Conclusion {
        Conclusion {
            distinct: self.built.distinct_compositions == self.built.mixed.len(),
            mixed_survived: self.mixed.survived(),
            equal_survived: self.equal.survived(),
            found: self.planted() == self.blamed(),
        }
    }
}

/// Whether all was seen that the demonstration is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Conclusion {
    /// No two replicas of the mixture are of one composition.
    distinct: bool,
    mixed_survived: bool,
    equal_survived: bool,
    /// Replica, slot and version that were blamed are those that were planted.
    found: bool,
}

impl Conclusion {
    /// The code, and what was to be seen and was not. Scripts go by the code alone.
    fn verdict(self) -> (ExitCode, Option<&'static str>) {
        if !self.mixed_survived {
            (ExitCode::LivenessLost, Some("the mixture did not survive the planted bug"))
        } else if self.equal_survived {
            (ExitCode::Internal, Some("four equal replicas survived the planted bug"))
        } else if !self.distinct {
            (ExitCode::Internal, Some("two replicas of the mixture are of one composition"))
        } else if !self.found {
            (ExitCode::Internal, Some("who was blamed is not who was planted"))
        } else {
            (ExitCode::Done, None)
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

#[cfg(test)]
mod tests {
    use super::Conclusion;
    use crate::exit::ExitCode;
    use std::collections::BTreeMap;

    #[test]
    fn only_what_was_to_be_shown_ends_well() {
        let mut seen = BTreeMap::new();
        for bits in 0..16_u8 {
            let bit = |at: u8| bits >> at & 1 == 1;
            let conclusion = Conclusion {
                distinct: bit(0),
                mixed_survived: bit(1),
                equal_survived: bit(2),
                found: bit(3),
            };
            let (code, missing) = conclusion.verdict();
            assert_eq!(code == ExitCode::Done, missing.is_none(), "{conclusion:?}");
            // A mixture that died is the gravest, whatever else there is.
            assert_eq!(code == ExitCode::LivenessLost, !bit(1), "{conclusion:?}");
            *seen.entry(code.number()).or_insert(0) += 1;
        }
        // Of all that can be seen together, one is right.
        assert_eq!(seen, BTreeMap::from([(0, 1), (3, 8), (70, 7)]));
        let right =
            Conclusion { distinct: true, mixed_survived: true, equal_survived: false, found: true };
        assert_eq!(right.verdict(), (ExitCode::Done, None));
    }
}
