//! Runs all versions of one slot over the cases and says what it found.

mod judge;
mod meet;
mod outcome;
mod resource;
mod search;
mod sequence;
mod shrink;
mod tally;
mod watch;

pub use judge::Judges;
#[cfg(feature = "coverage")]
pub(crate) use search::Counters;
pub use search::{Searched, Sense};
pub(crate) use sequence::sequences;
pub(crate) use tally::Finding;

use crate::case::{Case, Make, NOWHERE};
use crate::clip::clip;
use crate::quiet;
use crate::slots::Judged;
use crate::world::Corpus;
use judge::{Fault, describe, is_none, judge};
use outcome::{Ran, same};
use resource::Slack;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tally::Tally;
use verdict::{Blames, By, KeptInput, Verdict};
use watch::{Watch, watched};

/// How much to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Inputs for each slot, at most; as many as is usual for the slot, if nothing is said.
    pub cases: Option<u64>,
    /// Time for each slot, at most.
    pub time: Duration,
    /// This case alone.
    pub only: Option<u64>,
    /// How long one call may take.
    pub limit: Duration,
    /// What is judged by.
    pub judges: Judges,
    /// Whether a finding's input is made smaller. Whoever asks only whether there is one saves time
    /// without.
    pub shrink: bool,
    /// Inputs that are met before all others.
    pub kept: Vec<KeptInput>,
    /// Whether every failure is noted by its case, and takes nobody's vote. Nothing is found then, nor
    /// made smaller, and times are not looked at.
    pub every: bool,
    /// Whether versions are of a whole component: each call meets a state of theirs that was made just
    /// now, so that more time is theirs, and they are also called in sequences.
    pub whole: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            cases: None,
            time: Duration::MAX,
            only: None,
            limit: Duration::from_secs(10),
            judges: Judges::default(),
            shrink: true,
            kept: Vec::new(),
            every: false,
            whole: false,
        }
    }
}

/// The versions of one slot, the reference first.
struct Voters<'a> {
    slot: &'a dyn Judged,
    names: Vec<&'static str>,
    /// Which still vote.
    active: Vec<bool>,
}

impl Voters<'_> {
    fn run_one(&self, case: &Case, voter: usize) -> Ran {
        quiet::catch(|| self.slot.run(voter, &case.config, &*case.state, &*case.args))
    }

    fn run(&self, case: &Case) -> Vec<Option<Ran>> {
        let voters = self.active.iter().enumerate();
        voters.map(|(voter, active)| active.then(|| self.run_one(case, voter))).collect()
    }

    fn judge(&self, case: &Case, judges: Judges) -> Vec<Option<Fault>> {
        judge(self.slot, case, &self.run(case), judges)
    }

    fn names(&self, class: &[usize]) -> String {
        let names: Vec<&str> = class.iter().map(|voter| self.names[*voter]).collect();
        format!("[{}]", names.join(", "))
    }

    fn show(&self, case: &Case) -> String {
        self.slot.cases().show(self.slot.facts(), case)
    }
}

/// One run over one slot.
struct Engine<'a> {
    corpus: &'a Corpus,
    plan: &'a Plan,
    watch: &'a Watch,
    voters: Voters<'a>,
    tally: Tally,
    origin: Origin,
    /// The case at hand if it is not made by its position: for whoever gives up on a version.
    odd: &'a Mutex<Option<Case>>,
}

/// Where the case at hand comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    /// Made: seed and position decide it.
    Made,
    /// Kept under this name.
    Kept(String),
    /// Come upon in a search.
    Searched,
}

/// Judges the versions of a slot. The first verdict is the reference's. `give_up` gets the verdict on
/// a version that does not come back.
pub(crate) fn run(
    corpus: &Corpus,
    slot: &dyn Judged,
    plan: &Plan,
    give_up: &(dyn Fn(Verdict) + Sync),
) -> Vec<Verdict> {
    with_engine(corpus, slot, plan, give_up, |engine| engine.go())
}

/// Judges one case by itself.
///
/// # Errors
/// What is wrong about which version, for a person.
pub(crate) fn once(slot: &dyn Judged, case: &Case) -> Result<(), String> {
    let names: Vec<&'static str> = std::iter::once("reference").chain(slot.families()).collect();
    let voters = Voters { slot, active: vec![true; names.len()], names };
    let faults = voters.judge(case, Judges::default());
    let found = voters.names.iter().zip(faults).find_map(|(name, fault)| Some((name, fault?)));
    let Some((family, Fault { rule, expected, got, .. })) = found else { return Ok(()) };
    let (name, input) = (slot.facts().name, voters.show(case));
    Err(format!(
        "{family}/{name} breaks the rule: {rule}\n{input}\nexpected: {expected}\ngot: {got}"
    ))
}

/// The same upon inputs that are searched for, by what `sense` says of them.
pub(crate) fn search(
    corpus: &Corpus,
    slot: &dyn Judged,
    plan: &Plan,
    sense: &mut dyn Sense,
    give_up: &(dyn Fn(Verdict) + Sync),
) -> Searched {
    with_engine(corpus, slot, plan, give_up, |engine| engine.search(sense))
}

fn with_engine<T>(
    corpus: &Corpus,
    slot: &dyn Judged,
    plan: &Plan,
    give_up: &(dyn Fn(Verdict) + Sync),
    work: impl FnOnce(Engine<'_>) -> T,
) -> T {
    let names: Vec<&'static str> = std::iter::once("reference").chain(slot.families()).collect();
    let voters = Voters { slot, active: vec![true; names.len()], names: names.clone() };
    let odd = Mutex::new(None);
    let gone = |voter: usize, index: u64| {
        let case = odd.lock().unwrap_or_else(PoisonError::into_inner).take();
        let case = case.or_else(|| slot.cases().maker(slot, corpus).case(index));
        let family = names.get(voter).copied().unwrap_or_default();
        let input = case.map(|case| slot.cases().show(slot.facts(), &case)).unwrap_or_default();
        give_up(tally::lost(slot.facts(), corpus, family, index, input, plan.limit));
    };
    watched(plan.limit, gone, |watch| {
        let tally = Tally::new(slot.facts(), voters.names.clone());
        work(Engine { corpus, plan, watch, voters, tally, origin: Origin::Made, odd: &odd })
    })
}

impl Engine<'_> {
    fn go(mut self) -> Vec<Verdict> {
        let slot = self.voters.slot;
        // What is recorded first takes no time away.
        let mut maker = slot.cases().maker(slot, self.corpus);
        let cases = match (self.plan.only, self.plan.cases) {
            (Some(index), _) => index..index.saturating_add(1),
            (None, Some(cases)) => 0..cases,
            (None, None) => 0..slot.facts().cases,
        };
        let start = Instant::now();
        if self.plan.only.is_none() {
            self.meet_kept();
        }
        for index in cases {
            if index.is_multiple_of(64) && start.elapsed() > self.plan.time {
                break;
            }
            if self.is_decided() {
                break;
            }
            self.watch.case(index);
            let Some(case) = maker.case(index) else { break };
            self.one(index, &case);
        }
        self.tally.elapsed = start.elapsed().saturating_sub(self.tally.shrinking);
        if !self.plan.every {
            self.look_at_means(&mut *maker);
        }
        self.tally.verdicts(self.corpus.seed, self.plan.only.is_some())
    }

    /// Whether there is nothing left to find: there are versions, and each has a finding.
    fn is_decided(&self) -> bool {
        let mut versions = self.voters.active.iter().skip(1);
        self.voters.names.len() > 1 && versions.all(|active| !active)
    }

    fn one(&mut self, index: u64, case: &Case) {
        let ran = self.run(case);
        self.weigh(index, case, &ran);
    }

    fn run(&self, case: &Case) -> Vec<Option<Ran>> {
        let mut ran = Vec::with_capacity(self.voters.names.len());
        for voter in 0..self.voters.names.len() {
            if !self.voters.active[voter] {
                ran.push(None);
                continue;
            }
            self.watch.call(voter);
            ran.push(Some(self.voters.run_one(case, voter)));
            self.watch.back();
        }
        ran
    }

    /// Counts what came of a case, and notes what is wrong with it; whether it was an input at all.
    fn weigh(&mut self, index: u64, case: &Case, ran: &[Option<Ran>]) -> bool {
        let is_input = !is_none(case, ran);
        if is_input {
            self.count(case, ran);
        } else {
            self.tally.none += 1;
        }
        let faults = judge(self.voters.slot, case, ran, self.plan.judges);
        if self.plan.every {
            let failing = faults.iter().enumerate().filter(|(_, fault)| fault.is_some());
            failing.for_each(|(voter, _)| self.tally.fail(voter, index));
            return is_input;
        }
        for (voter, fault) in faults.into_iter().enumerate() {
            if let Some(fault) = fault {
                self.found(index, voter, case, fault);
            }
        }
        if self.plan.judges.differential && is_input {
            self.look_at_times(index, case, ran);
            if index.is_multiple_of(97) {
                self.run_again(index, case, ran);
            }
        }
        if self.plan.only.is_some() {
            let outcomes = ran.iter().zip(&self.voters.names);
            let outcomes = outcomes.filter_map(|(ran, name)| {
                ran.as_ref()
                    .map(|ran| format!("{name}:\n{}", describe(self.voters.slot, case, ran)))
            });
            let outcomes: Vec<String> = outcomes.collect();
            self.tally.transcript =
                Some(format!("{}\n\n{}", self.voters.show(case), outcomes.join("\n\n")));
        }
        is_input
    }

    fn count(&mut self, case: &Case, ran: &[Option<Ran>]) {
        let changing = match ran.first() {
            Some(Some(Ok(outcome))) => {
                self.tally.reach(&outcome.effects, outcome.output.reason());
                self.voters.slot.matters(outcome, &*case.state)
            }
            _ => false,
        };
        self.tally.inputs += 1;
        self.tally.changing += u64::from(changing);
        for (voter, ran) in ran.iter().enumerate() {
            let Some(ran) = ran else { continue };
            let time = ran.as_ref().map_or(0, |outcome| outcome.nanoseconds);
            self.tally.count(voter, time.min(resource::CLIP));
        }
    }

    /// Notes a finding, its input made smaller. The version has no vote from then on; the
    /// reference keeps its own.
    fn found(&mut self, index: u64, voter: usize, case: &Case, fault: Fault) {
        if self.tally.has_finding(voter) {
            return;
        }
        let start = Instant::now();
        let timed = fault.by == By::Resource && fault.rule == TAKES_LONG;
        let whole = matches!(self.origin, Origin::Kept(_)) || case.world == NOWHERE;
        let as_found = timed || whole || self.plan.only.is_some() || !self.plan.shrink;
        let (case, fault) = if as_found {
            (case.clone(), fault)
        } else {
            let found = (case.clone(), fault);
            shrink::shrink(self.corpus, &self.voters, voter, found, self.plan.judges)
        };
        self.tally.shrinking += start.elapsed();
        let split: Vec<String> = fault.split.iter().map(|class| self.voters.names(class)).collect();
        self.tally.note(
            voter,
            Finding {
                by: fault.by,
                rule: fault.rule,
                expected: fault.expected,
                got: fault.got,
                blames: fault.blames,
                split: (!split.is_empty()).then(|| split.join(" against ")),
                input: clip(&self.voters.show(&case), SCREEN),
                // How long a call takes is nothing to be held to for ever.
                stored: (!timed).then(|| self.voters.slot.keep(&case)),
                kept: match &self.origin {
                    Origin::Kept(name) => Some(name.clone()),
                    Origin::Made | Origin::Searched => None,
                },
                index: (self.origin == Origin::Made).then_some(index),
            },
        );
        self.voters.active[voter] = voter == 0;
    }

    fn look_at_times(&mut self, index: u64, case: &Case, ran: &[Option<Ran>]) {
        let time = |ran: &Option<Ran>| match ran {
            Some(Ok(outcome)) => Some(outcome.nanoseconds),
            _ => None,
        };
        let slack = Slack::of(self.plan);
        if ran.iter().filter_map(time).all(|time| time < slack.once) {
            return;
        }
        let times: Vec<Option<u64>> = ran.iter().map(time).collect();
        for (voter, time, bound) in resource::slow(&self.voters, case, &times, slack.once) {
            self.found(index, voter, case, slow(time, bound));
        }
    }

    fn look_at_means(&mut self, maker: &mut (dyn Make + '_)) {
        if self.tally.inputs < 1_000 || !self.plan.judges.differential {
            return;
        }
        let slack = Slack::of(self.plan).mean;
        if resource::slow_on_the_whole(&self.tally.means(), slack).is_empty() {
            return;
        }
        // Once more, undisturbed: else the machine's doing would be a version's fault.
        let (count, spread) = (CONFIRMING, self.tally.inputs / CONFIRMING);
        let cases = (0..count).filter_map(|step| maker.case(step * spread));
        let sums = resource::least_sums(&self.voters, cases);
        let means: Vec<Option<u64>> = sums.iter().map(|sum| sum.map(|sum| sum / count)).collect();
        for (voter, mean, bound) in resource::slow_on_the_whole(&means, slack) {
            if let Some(case) = maker.case(0) {
                self.found(0, voter, &case, slow(mean, bound));
            }
        }
    }

    /// The same input again: what came of it must not depend on what was called meanwhile.
    fn run_again(&mut self, index: u64, case: &Case, ran: &[Option<Ran>]) {
        for (voter, first) in ran.iter().enumerate() {
            let Some(first) = first.as_ref().filter(|_| self.voters.active[voter]) else {
                continue;
            };
            let second = self.voters.run_one(case, voter);
            if !same(self.voters.slot, first, &second) {
                let (expected, got) = (
                    describe(self.voters.slot, case, first),
                    describe(self.voters.slot, case, &second),
                );
                let fault = Fault {
                    by: By::Differential,
                    rule: String::from("does the same for the same input again"),
                    expected,
                    got,
                    blames: if voter == 0 { Blames::Reference } else { Blames::Version },
                    split: Vec::new(),
                };
                self.found(index, voter, case, fault);
            }
        }
    }
}

/// Bytes of an input that a person is shown.
const SCREEN: usize = 8_000;

/// Cases that confirm a suspicious mean.
const CONFIRMING: u64 = 500;

const TAKES_LONG: &str = "takes no more than twice the time of the others";

fn slow(time: u64, bound: u64) -> Fault {
    Fault {
        by: By::Resource,
        rule: String::from(TAKES_LONG),
        expected: format!("at most {bound} ns"),
        got: format!("{time} ns"),
        blames: Blames::Version,
        split: Vec::new(),
    }
}

/// How to see a case again.
fn show_replay(slot: &str, seed: u64, family: &str, case: u64) -> verdict::Replay {
    let family = if family == "reference" { String::new() } else { format!(" --family {family}") };
    let program = std::env::args().next().unwrap_or_default();
    let command = format!("{program} --slot {slot}{family} --seed {seed} --case {case}");
    verdict::Replay { seed, case, command }
}
