//! What is counted during a run, and the verdicts that follow from it.

use super::show_replay;
use crate::slots::{Facts, Use};
use crate::world::Corpus;
use serde_json::Value;
use std::time::Duration;
use verdict::{Blames, By, Decision, Verdict};
use wire::prime::Prime;
use wire::{Effect, Reject};

/// Least share of inputs of which something must come before silence means anything. Percent.
const CHANGING: f64 = 30.0;

/// What was found about one version.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) by: By,
    pub(crate) rule: String,
    pub(crate) expected: String,
    pub(crate) got: String,
    pub(crate) blames: Blames,
    pub(crate) split: Option<String>,
    pub(crate) input: String,
    /// The input, to be kept.
    pub(crate) stored: Option<Value>,
    /// The name of the kept input that it is.
    pub(crate) kept: Option<String>,
    /// The case's position, if that decides it.
    pub(crate) index: Option<u64>,
}

#[derive(Clone, Debug, Default)]
struct Voter {
    family: &'static str,
    cases: u64,
    nanoseconds: u64,
    finding: Option<Finding>,
    /// Cases, where every failure is noted.
    failed: Vec<u64>,
}

/// Counters of one run over one slot.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) inputs: u64,
    pub(super) changing: u64,
    /// Inputs that were none, as the reference's panic says; no part of the others.
    pub(super) none: u64,
    /// Time that went into making findings smaller; no part of the speed.
    pub(super) shrinking: Duration,
    pub(super) elapsed: Duration,
    /// What every version did with the only case, if there was one.
    pub(super) transcript: Option<String>,
    facts: &'static Facts,
    reached: Vec<bool>,
    voters: Vec<Voter>,
}

impl Tally {
    pub(super) fn new(facts: &'static Facts, families: Vec<&'static str>) -> Self {
        let voter = |family| Voter { family, ..Voter::default() };
        Self {
            inputs: 0,
            changing: 0,
            none: 0,
            shrinking: Duration::ZERO,
            elapsed: Duration::ZERO,
            transcript: None,
            facts,
            reached: vec![false; facts.rejects.len()],
            voters: families.into_iter().map(voter).collect(),
        }
    }

    /// Notes the reasons among `effects`, and the one that was `returned`.
    pub(super) fn reach(&mut self, effects: &[Effect<Prime>], returned: Option<Reject>) {
        let emitted = effects.iter().filter_map(|effect| match effect {
            Effect::Reject { reason, .. } => Some(*reason),
            _ => None,
        });
        for reason in emitted.chain(returned) {
            if let Some(at) = self.facts.rejects.iter().position(|listed| *listed == reason) {
                self.reached[at] = true;
            }
        }
    }

    pub(super) fn count(&mut self, voter: usize, nanoseconds: u64) {
        self.voters[voter].cases += 1;
        self.voters[voter].nanoseconds += nanoseconds;
    }

    pub(super) fn fail(&mut self, voter: usize, case: u64) {
        self.voters[voter].failed.push(case);
    }

    pub(super) fn has_finding(&self, voter: usize) -> bool {
        self.voters[voter].finding.is_some()
    }

    pub(super) fn note(&mut self, voter: usize, finding: Finding) {
        self.voters[voter].finding = Some(finding);
    }

    /// Mean time of a call, of each version that has no finding yet.
    pub(super) fn means(&self) -> Vec<Option<u64>> {
        let mean = |voter: &Voter| {
            let sound = voter.finding.is_none();
            if sound { voter.nanoseconds.checked_div(voter.cases) } else { None }
        };
        self.voters.iter().map(mean).collect()
    }

    fn changing_percent(&self) -> f64 {
        // Counters of one run are far below 2^52.
        let percent = 100 * self.changing * 100 / self.inputs.max(1);
        f64::from(u32::try_from(percent).unwrap_or(10_000)) / 100.0
    }

    /// Why silence would decide nothing.
    fn doubts(&self, missed: &[String], single: bool) -> Option<String> {
        let changing = self.changing_percent();
        if single {
            return Some(String::from("one case alone decides nothing"));
        }
        if self.inputs == 0 {
            return Some(String::from("no recorded cluster called it"));
        }
        if self.none > self.inputs {
            return Some(format!("{} of the inputs made up were none", self.none));
        }
        if self.facts.uses == Use::Changes && changing < CHANGING {
            return Some(format!("something comes of only {changing} % of the inputs"));
        }
        if !missed.is_empty() {
            return Some(format!("no input was rejected as {}", missed.join(", ")));
        }
        let agree = self.voters.iter().filter(|voter| voter.finding.is_none()).count();
        (!self.facts.oracle).then(|| match agree {
            0 | 1 => String::from("no oracle judges this slot, and there is nothing to compare with"),
            _ => format!("no oracle judges this slot; {agree} versions do the same, the reference's among them"),
        })
    }

    /// One verdict for each version.
    pub(super) fn verdicts(&self, seed: u64, single: bool) -> Vec<Verdict> {
        let missed = self.facts.rejects.iter().zip(&self.reached).filter(|(_, reached)| !**reached);
        let missed: Vec<String> = missed.map(|(reason, _)| format!("{reason:?}")).collect();
        let doubts = self.doubts(&missed, single);
        let total = self.voters.iter().map(|voter| voter.cases).sum();
        let verdict = |voter: &Voter| {
            let finding = voter.finding.as_ref();
            let decision = match (finding, &doubts) {
                (Some(_), _) => Decision::Rejected,
                (None, Some(_)) => Decision::Undecided,
                (None, None) => Decision::Accepted,
            };
            let replay = finding.and_then(|found| {
                Some(show_replay(self.facts.name, seed, voter.family, found.index?))
            });
            Verdict {
                verdict: decision,
                by: finding.map(|found| found.by),
                slot: String::from(self.facts.name),
                family: String::from(voter.family),
                cases: voter.cases,
                cases_per_second: per_second(total, self.elapsed),
                inputs_per_second: per_second(self.inputs, self.elapsed),
                state_changing_percent: self.changing_percent(),
                reasons_missed: missed.clone(),
                rule: finding.map(|found| found.rule.clone()).or_else(|| doubts.clone()),
                minimal_input: finding
                    .map(|found| found.input.clone())
                    .or_else(|| self.transcript.clone()),
                expected: finding.map(|found| found.expected.clone()),
                got: finding.map(|found| found.got.clone()),
                blames: finding.map(|found| found.blames),
                split: finding.and_then(|found| found.split.clone()),
                replay,
                input: finding.and_then(|found| found.stored.clone()),
                kept: finding.and_then(|found| found.kept.clone()),
                failed: voter.failed.clone(),
                mean_nanoseconds: voter.nanoseconds.checked_div(voter.cases).unwrap_or_default(),
            }
        };
        self.voters.iter().map(verdict).collect()
    }
}

pub(super) fn per_second(count: u64, elapsed: Duration) -> u64 {
    let micros = elapsed.as_micros().max(1);
    u64::try_from(u128::from(count) * 1_000_000 / micros).unwrap_or(u64::MAX)
}

/// The verdict on a version that did not come back.
pub(super) fn lost(
    facts: &'static Facts,
    corpus: &Corpus,
    family: &'static str,
    index: u64,
    input: String,
    limit: Duration,
) -> Verdict {
    let mut tally = Tally::new(facts, vec![family]);
    let blames = if family == "reference" { Blames::Reference } else { Blames::Version };
    let finding = Finding {
        by: By::Timeout,
        rule: String::from("comes back"),
        expected: format!("an answer within {} ms", limit.as_millis()),
        got: String::from("none"),
        blames,
        split: None,
        input,
        stored: None,
        kept: None,
        index: Some(index),
    };
    tally.count(0, 0);
    tally.note(0, finding);
    let mut verdicts = tally.verdicts(corpus.seed, false);
    verdicts.swap_remove(0)
}
