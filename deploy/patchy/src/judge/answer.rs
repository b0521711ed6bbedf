//! What is taken of a judge's answer.
//!
//! The versions that it judged ran in its process. So an answer must come under the seal of the run that
//! it answers, it must say something of everything that was asked and of nothing else, and what can be
//! summed up here is.

use crate::exit::{ExitCode, Failure, Result};
use crate::process::Ended;
use patcher::{REFERENCE, VersionFile};
use std::collections::BTreeSet;
use verdict::{Answer, By, Decision, KeptInput, Report, Verdict};

/// What a judge is asked.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Family and slot of each version of which there must be a verdict.
    versions: BTreeSet<(String, String)>,
    /// The slots in which the reference may be judged beside them.
    reference: BTreeSet<String>,
    /// The names of the inputs that are to be met first.
    kept: BTreeSet<String>,
}

impl Asked {
    /// About versions, and in these slots the reference beside them.
    pub(crate) fn about<'a>(
        versions: impl IntoIterator<Item = &'a VersionFile>,
        slots: impl IntoIterator<Item = String>,
    ) -> Self {
        let versions = versions.into_iter();
        let name = |version: &VersionFile| (version.family.clone(), version.slot.to_string());
        Self {
            versions: versions.map(name).collect(),
            reference: slots.into_iter().collect(),
            ..Self::default()
        }
    }

    /// About a version of a whole component: by sequences of calls, and in each of these slots, in
    /// which the reference is judged beside it.
    pub(crate) fn whole(version: &VersionFile, slots: &[String]) -> Self {
        let component = version.slot.to_string();
        let names = slots.iter().chain([&component]);
        Self {
            versions: names.map(|name| (version.family.clone(), name.clone())).collect(),
            reference: slots.iter().cloned().collect(),
            ..Self::default()
        }
    }

    /// On these inputs first.
    pub(crate) fn meeting(mut self, kept: &[&KeptInput]) -> Self {
        self.kept = kept.iter().map(|input| input.name.clone()).collect();
        self
    }

    /// The report, if it is about what was asked, its sums made anew.
    ///
    /// # Errors
    /// What is wrong with it.
    fn check(&self, report: Report) -> Result<Report, String> {
        let mut told = BTreeSet::new();
        for verdict in &report.versions {
            self.check_verdict(verdict)?;
            let name = (verdict.family.clone(), verdict.slot.clone());
            if let Some((family, slot)) = told.replace(name) {
                return Err(format!("two verdicts on {family}/{slot}"));
            }
        }
        // One that does not come back ends the run, and is all that is told of.
        let gave_up = matches!(&report.versions[..], [one] if one.by == Some(By::Timeout));
        if let Some((family, slot)) = self.versions.difference(&told).next().filter(|_| !gave_up) {
            return Err(format!("no verdict on {family}/{slot}"));
        }
        if let Some(stale) = report.stale.iter().find(|one| !self.kept.contains(&one.name)) {
            return Err(format!("the input {}, which it was not given", stale.name));
        }
        let Report { versions, stale, search, .. } = report;
        let report = Report::new(versions).ok_or("not one verdict")?;
        Ok(Report { stale, search, ..report })
    }

    fn check_verdict(&self, verdict: &Verdict) -> Result<(), String> {
        let Verdict { family, slot, .. } = verdict;
        let of_reference = family == REFERENCE && self.reference.contains(slot);
        if !of_reference && !self.versions.contains(&(family.clone(), slot.clone())) {
            return Err(format!("a verdict on {family}/{slot}, of which nothing was asked"));
        }
        let rejected = verdict.verdict == Decision::Rejected;
        if (verdict.by.is_some(), verdict.blames.is_some()) != (rejected, rejected) {
            return Err(format!("a verdict on {family}/{slot} that contradicts itself"));
        }
        match verdict.kept.as_ref().filter(|kept| !self.kept.contains(*kept)) {
            Some(kept) => Err(format!("the input {kept}, which it was not given")),
            None => Ok(()),
        }
    }
}

/// What a judge said; `None` if its process ended before it could say anything, which a version that ran
/// in it may have done.
pub(crate) fn report(ended: &Ended, asked: &Asked) -> Result<Option<Report>> {
    let bad = |what: &str| Failure::internal(format!("the bench's answer: {what}"));
    let Some(text) = &ended.answer else { return Ok(None) };
    let answer: Answer = serde_json::from_str(text).map_err(|error| bad(&error.to_string()))?;
    let report = answer.map_err(Failure::usage)?;
    asked.check(report).map(Some).map_err(|what| bad(&what))
}

/// Whether a process that said nothing ended as programs end that have a bug.
pub(crate) fn panicked(ended: &Ended) -> bool {
    const PANIC: i32 = 101;
    ended.answer.is_none() && ended.code == Some(PANIC)
}

/// Why a process ended without an answer.
pub(crate) fn why(ended: &Ended) -> String {
    let answered = [ExitCode::Done, ExitCode::Divergence].map(|code| Some(code.number().into()));
    match answered.contains(&ended.code) && !ended.timed_out && !ended.too_much {
        true => "it ended as if all were said, but no answer came through whole".to_owned(),
        false => ended.why(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use verdict::{Blames, Stale};

    const SLOT: &str = "pre_order.covers";

    fn verdict(family: &str, slot: &str, by: Option<By>) -> Verdict {
        let decision = if by.is_some() { Decision::Rejected } else { Decision::Accepted };
        let blames = by.map(|_| Blames::Version);
        Verdict { by, blames, ..crate::judge::unseen(decision, family, slot) }
    }

    fn asked() -> Asked {
        let name = |family: &str| (family.to_owned(), SLOT.to_owned());
        Asked {
            versions: BTreeSet::from([name("heron"), name("ibis")]),
            reference: BTreeSet::from([SLOT.to_owned()]),
            kept: BTreeSet::from(["known".to_owned()]),
        }
    }

    fn said(versions: Vec<Verdict>) -> Result<Report, String> {
        asked().check(Report::new(versions).unwrap())
    }

    #[test]
    fn what_was_asked_is_answered_and_nothing_else() {
        let all =
            || ["reference", "heron", "ibis"].map(|family| verdict(family, SLOT, None)).to_vec();
        assert_eq!(said(all()).unwrap().versions.len(), 3);
        let with = |more: Verdict| said([all(), vec![more]].concat()).unwrap_err();
        assert_eq!(with(verdict("ibis", SLOT, None)), "two verdicts on ibis/pre_order.covers");
        let strange = "a verdict on wren/pre_order.covers, of which nothing was asked";
        assert_eq!(with(verdict("wren", SLOT, None)), strange);
        let strange = "a verdict on heron/../../x, of which nothing was asked";
        assert_eq!(with(verdict("heron", "../../x", None)), strange);
        let strange = "a verdict on reference/decode.shape, of which nothing was asked";
        assert_eq!(with(verdict("reference", "decode.shape", None)), strange);
        let short = said(vec![verdict("heron", SLOT, None)]).unwrap_err();
        assert_eq!(short, "no verdict on ibis/pre_order.covers");
        assert!(said(vec![verdict("heron", SLOT, Some(By::Timeout))]).is_ok());
        assert!(said(vec![verdict("heron", SLOT, Some(By::Oracle))]).is_err());
    }

    #[test]
    fn a_verdict_that_contradicts_itself_or_names_another_input_is_none() {
        let with = |change: fn(&mut Verdict)| {
            let mut versions = vec![verdict("heron", SLOT, None), verdict("ibis", SLOT, None)];
            change(&mut versions[0]);
            said(versions)
        };
        let odd = "a verdict on heron/pre_order.covers that contradicts itself";
        assert_eq!(with(|one| one.by = Some(By::Oracle)).unwrap_err(), odd);
        assert_eq!(with(|one| one.verdict = Decision::Rejected).unwrap_err(), odd);
        assert!(with(|one| one.kept = Some("known".to_owned())).is_ok());
        let other = with(|one| one.kept = Some("/etc/passwd".to_owned())).unwrap_err();
        assert_eq!(other, "the input /etc/passwd, which it was not given");
        let versions = vec![verdict("heron", SLOT, None), verdict("ibis", SLOT, None)];
        let stale = vec![Stale { name: "other".to_owned(), why: String::new() }];
        let report = Report { stale, ..Report::new(versions).unwrap() };
        assert!(asked().check(report).is_err());
    }

    #[test]
    fn what_decides_is_found_here() {
        let versions = vec![verdict("heron", SLOT, None), verdict("ibis", SLOT, Some(By::Oracle))];
        let mut report = Report::new(versions).unwrap();
        report.decisive = report.versions[0].clone();
        report.total_cases = 1_000_000;
        let report = asked().check(report).unwrap();
        assert_eq!((report.decisive.family.as_str(), report.total_cases), ("ibis", 0));
    }
}
