//! What a bench says about versions, as it stands in JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whether a version may vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Nothing was found, and the cases were such that something would have been.
    Accepted,
    /// Nothing was found, but the cases do not say enough.
    Undecided,
    /// It did what it must not do.
    Rejected,
}

/// What showed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The specification.
    Oracle,
    /// The comparison with the other versions; a panic that others do not share, too.
    Differential,
    /// Time, effects or growth.
    Resource,
    /// The compiler.
    Build,
    /// The rules for a version's text.
    Gate,
    /// No answer in time.
    Timeout,
}

/// Who is wrong, as far as the bench can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Blames {
    /// The version.
    Version,
    /// The reference: it fails its oracle, or all others agree against it.
    Reference,
    /// The contract: neither oracle nor votes decide.
    Contract,
}

/// Where a case can be had again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// The run's seed.
    pub seed: u64,
    /// The case's position.
    pub case: u64,
    /// The command, for a person: the runner itself, with this case alone.
    pub command: String,
}

/// An input that is met before all others, whatever the seed: it was found once, and written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptInput {
    /// Whoever shows something on it is told this name.
    pub name: String,
    /// `component.slot`.
    pub slot: String,
    /// As [`Verdict::input`] had it.
    pub input: Value,
}

/// A kept input that does not fit its slot any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stale {
    /// Its name.
    pub name: String,
    /// Where it does not fit, and why.
    pub why: String,
}

/// What a search came to, beside verdicts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// Edges that are counted, of the versions and of the protocol crate.
    pub edges: u64,
    /// Edges taken, each counted for every magnitude (once, at least twice, at least four times, ...) in
    /// which an input took it.
    pub features: u64,
    /// The least inputs that together take all that was taken, as far as there is room.
    pub corpus: Vec<Value>,
}

impl Search {
    /// Most that a search hands back of one slot, all inputs together. Unit: bytes of JSON.
    pub const TOGETHER: usize = 64 << 10;
}

/// What the bench says of one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Accepted, undecided or rejected.
    pub verdict: Decision,
    /// What showed it; `None` unless rejected.
    pub by: Option<By>,
    /// `component.slot`.
    pub slot: String,
    /// Whose version; `reference` for the reference itself.
    pub family: String,
    /// Inputs that went through this version, each checked by oracle and comparison.
    pub cases: u64,
    /// Inputs through any version, a second.
    pub cases_per_second: u64,
    /// Inputs a second.
    pub inputs_per_second: u64,
    /// Share of the inputs of which something comes: another state, an effect that is no reject, or a
    /// result that is not the empty one.
    pub state_changing_percent: f64,
    /// Reasons for rejecting that the contract lists and no input reached.
    pub reasons_missed: Vec<String>,
    /// The rule broken, or why nothing is decided.
    pub rule: Option<String>,
    /// The least input that shows it, for a person.
    pub minimal_input: Option<String>,
    /// What should have come of it.
    pub expected: Option<String>,
    /// What came of it.
    pub got: Option<String>,
    /// Who is wrong; `None` unless rejected.
    pub blames: Option<Blames>,
    /// How the versions voted, as `[alpha, beta] against [reference]`.
    pub split: Option<String>,
    /// How to see it again.
    pub replay: Option<Replay>,
    /// The least input that shows it, for the bench: see [`KeptInput`].
    #[serde(default)]
    pub input: Option<Value>,
    /// The name of the kept input that shows it, if one does.
    #[serde(default)]
    pub kept: Option<String>,
    /// Cases on which it failed, in order, where every one was asked for; nothing is made of them then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<u64>,
    /// Mean time of one call. Unit: nanoseconds. The reference's stands in its own verdict.
    pub mean_nanoseconds: u64,
}

impl Verdict {
    /// Whether somebody must rule on it: it blames the reference or the contract.
    #[must_use]
    pub fn awaits_ruling(&self) -> bool {
        matches!(self.blames, Some(Blames::Reference | Blames::Contract))
    }
}

/// What the bench says of all versions that it was asked about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The verdict that decides the whole, its fields beside those of the report: the first
    /// rejected, else the first undecided, else the first.
    #[serde(flatten)]
    pub decisive: Verdict,
    /// Divergences on which somebody must rule: those that blame reference or contract.
    pub open_rulings: u64,
    /// Cases of all versions together.
    pub total_cases: u64,
    /// Kept inputs that nobody met, because they do not fit any more.
    #[serde(default)]
    pub stale: Vec<Stale>,
    /// What came of a search, if there was one.
    #[serde(default)]
    pub search: Option<Search>,
    /// All of them.
    pub versions: Vec<Verdict>,
}

/// What a bench answers whoever started it: a report, or a sentence about what it was asked.
pub type Answer = Result<Report, String>;

impl Report {
    /// Sums up `versions`; `None` for none.
    #[must_use]
    pub fn new(versions: Vec<Verdict>) -> Option<Self> {
        let worst = versions.iter().map(|version| version.verdict).max()?;
        let decisive = versions.iter().find(|version| version.verdict == worst)?.clone();
        Some(Self {
            open_rulings: versions.iter().filter(|version| version.awaits_ruling()).count() as u64,
            total_cases: versions.iter().map(|version| version.cases).sum(),
            stale: Vec::new(),
            search: None,
            decisive,
            versions,
        })
    }

    /// Counts anew what somebody must rule on: whoever knows the rulings says of which verdicts that is
    /// so.
    #[must_use]
    pub fn with_open(mut self, open: impl Fn(&Verdict) -> bool) -> Self {
        self.open_rulings = self.versions.iter().filter(|version| open(version)).count() as u64;
        self
    }

    /// Lets those versions alone decide the whole that may vote, as `votes` says. Without any such, all
    /// decide.
    #[must_use]
    pub fn decided_by(mut self, votes: impl Fn(&Verdict) -> bool) -> Self {
        let voting = self.versions.iter().filter(|one| votes(one));
        let voting: Vec<&Verdict> = voting.collect();
        let worst = voting.iter().map(|version| version.verdict).max();
        let decisive = voting.into_iter().find(|version| Some(version.verdict) == worst);
        if let Some(decisive) = decisive.cloned() {
            self.decisive = decisive;
        }
        self
    }

    /// The program's exit code: 0 if all are accepted, 2 if not.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if self.decisive.verdict == Decision::Accepted { 0 } else { 2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(family: &str, decision: Decision, blames: Option<Blames>) -> Verdict {
        Verdict {
            verdict: decision,
            by: None,
            slot: String::from("a.b"),
            family: String::from(family),
            cases: 10,
            cases_per_second: 1,
            inputs_per_second: 1,
            state_changing_percent: 50.0,
            reasons_missed: Vec::new(),
            rule: None,
            minimal_input: None,
            expected: None,
            got: None,
            blames,
            split: None,
            replay: None,
            input: None,
            kept: None,
            failed: Vec::new(),
            mean_nanoseconds: 1,
        }
    }

    #[test]
    fn the_worst_verdict_decides() {
        let report = Report::new(vec![
            verdict("reference", Decision::Accepted, None),
            verdict("alpha", Decision::Undecided, None),
            verdict("beta", Decision::Rejected, Some(Blames::Contract)),
        ])
        .unwrap();
        assert_eq!(report.decisive.family, "beta");
        assert_eq!((report.open_rulings, report.exit_code()), (1, 2));
        assert_eq!(report.total_cases, 30);
        assert!(Report::new(vec![]).is_none());
    }

    #[test]
    fn those_that_may_vote_decide_if_there_are_any() {
        let all = vec![
            verdict("alpha", Decision::Accepted, None),
            verdict("planted", Decision::Rejected, Some(Blames::Version)),
            verdict("beta", Decision::Rejected, Some(Blames::Contract)),
        ];
        let report = Report::new(all.clone()).unwrap();
        let votes = |one: &Verdict| one.family != "planted" && !one.awaits_ruling();
        let decided = report.clone().decided_by(votes);
        assert_eq!((decided.decisive.family.as_str(), decided.exit_code()), ("alpha", 0));
        assert_eq!((decided.open_rulings, decided.versions), (1, all));
        assert_eq!(report.clone().decided_by(|_| true).decisive.family, "planted");
        let open = report.clone().with_open(|one| one.family != "alpha");
        assert_eq!((report.open_rulings, open.open_rulings), (1, 2));
        assert_eq!(report.clone().decided_by(|_| false), report);
    }

    #[test]
    fn json_has_the_decisive_verdict_at_the_top() {
        let report = Report::new(vec![verdict("alpha", Decision::Accepted, None)]).unwrap();
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["verdict"], "accepted");
        assert_eq!(json["versions"][0]["family"], "alpha");
        assert_eq!(serde_json::from_value::<Report>(json).unwrap(), report);
    }
}
