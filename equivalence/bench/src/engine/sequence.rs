//! Calls of a component's slots one after the other: each upon what the call before it left.
//!
//! A version of a whole component has a state of its own, in which something can be wrong that its
//! abstract state does not show, and that making it anew out of the abstract state would mend. Here it
//! keeps its own state from call to call, and must do in every call what the reference does. All that is
//! called was recorded, or made, for some call of its slot in a cluster of the same configuration.

use super::judge::describe;
use super::outcome::{Ran, same};
use super::tally::per_second;
use super::watch::watched;
use super::{Plan, Voters};
use crate::case::Case;
use crate::clip::clip;
use crate::quiet;
use crate::rng::Rng;
use crate::slots::{Judged, Use};
use crate::tree::Node;
use crate::world::Corpus;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use verdict::{Blames, By, Decision, Verdict};

/// Cases of each slot from which calls are drawn.
const POOL: u64 = 600;

/// Calls in a sequence, at most.
const LENGTH: usize = 16;

/// Sequences, if nothing is said.
const SEQUENCES: u64 = 4_000;

/// How many calls are tried before one is taken of which nothing comes.
const TRIES: usize = 4;

/// Least share of calls of which something must come. Percent.
const CHANGING: u64 = 15;

/// Bytes of an input that a person is shown.
const SCREEN: usize = 8_000;

/// One call.
#[derive(Clone)]
struct Step {
    /// Which of the component's slots.
    slot: usize,
    args: Arc<dyn Node>,
}

/// The calls that may be drawn, by cluster: what they are told is the same.
type Pools = BTreeMap<usize, Vec<(Case, usize)>>;

struct Sequences<'a> {
    corpus: &'a Corpus,
    name: &'a str,
    slots: Vec<Voters<'a>>,
    pools: Pools,
    steps: u64,
    changing: u64,
    found: Vec<Option<Found>>,
}

/// What was found about one version.
struct Found {
    start: Case,
    steps: Vec<Step>,
    expected: String,
    got: String,
}

/// Judges the versions of the component `name` by sequences of calls of its `slots`, all of which link
/// the same families. One verdict for each family.
pub(crate) fn sequences(
    corpus: &Corpus,
    name: &str,
    slots: &[&dyn Judged],
    plan: &Plan,
    give_up: &(dyn Fn(Verdict) + Sync),
) -> Vec<Verdict> {
    let families = slots.first().map(|slot| slot.families()).unwrap_or_default();
    let names: Vec<&'static str> = std::iter::once("reference").chain(families).collect();
    let gone = |voter: usize, index: u64| {
        let family = names.get(voter).copied().unwrap_or_default();
        let mut verdict = blank(name, family);
        verdict.verdict = Decision::Rejected;
        verdict.by = Some(By::Timeout);
        verdict.blames = Some(Blames::Version);
        verdict.rule = Some("comes back".to_owned());
        verdict.expected = Some(format!("an answer within {} ms", plan.limit.as_millis()));
        verdict.got = Some(format!("none, in sequence {index}"));
        give_up(verdict);
    };
    watched(plan.limit, gone, |watch| {
        let active = vec![true; names.len()];
        let voters = |slot| Voters { slot, names: names.clone(), active: active.clone() };
        let slots = slots.iter().copied().map(voters).collect();
        let found = names.iter().map(|_| None).collect();
        let pools = Pools::new();
        let mut all = Sequences { corpus, name, slots, pools, steps: 0, changing: 0, found };
        all.fill();
        let start = Instant::now();
        for index in 0..plan.cases.map_or(SEQUENCES, |cases| cases.min(SEQUENCES)) {
            if start.elapsed() > plan.time || all.found.iter().skip(1).all(Option::is_some) {
                break;
            }
            watch.case(index);
            for voter in 1..all.found.len() {
                watch.call(voter);
                all.one(index, voter);
                watch.back();
            }
        }
        all.verdicts(start.elapsed())
    })
}

fn blank(component: &str, family: &str) -> Verdict {
    Verdict {
        verdict: Decision::Undecided,
        by: None,
        slot: component.to_owned(),
        family: family.to_owned(),
        cases: 0,
        cases_per_second: 0,
        inputs_per_second: 0,
        state_changing_percent: 0.0,
        reasons_missed: Vec::new(),
        rule: None,
        minimal_input: None,
        expected: None,
        got: None,
        blames: None,
        split: None,
        replay: None,
        input: None,
        kept: None,
        failed: Vec::new(),
        mean_nanoseconds: 0,
    }
}

impl Sequences<'_> {
    fn fill(&mut self) {
        for (at, voters) in self.slots.iter().enumerate() {
            let mut maker = voters.slot.cases().maker(voters.slot, self.corpus);
            let told = |case: &Case| voters.slot.cases().world(self.corpus, &case.config);
            for case in (0..POOL).map_while(|index| maker.case(index)) {
                // One of a configuration of its own has no others to be called with.
                if told(&case) == case.world {
                    self.pools.entry(case.world).or_default().push((case, at));
                }
            }
        }
    }

    fn uses(&self, slot: usize) -> Use {
        self.slots[slot].slot.facts().uses
    }

    /// What voter number `voter` makes of a step.
    fn run(&self, state: &Case, step: &Step, voter: usize) -> (Case, Ran) {
        let nothing: Arc<dyn Node> = Arc::new(());
        let held = self.uses(step.slot) != Use::Ignores;
        let met = if held { Arc::clone(&state.state) } else { nothing };
        let case = Case { state: met, args: Arc::clone(&step.args), sure: false, ..state.clone() };
        let slot = self.slots[step.slot].slot;
        let ran = quiet::catch(|| slot.run(voter, &case.config, &*case.state, &*case.args));
        (case, ran)
    }

    fn matters(&self, step: &Step, case: &Case, ran: &Ran) -> bool {
        let slot = self.slots[step.slot].slot;
        ran.as_ref().is_ok_and(|outcome| slot.matters(outcome, &*case.state))
    }

    /// Draws a step, by preference one of which something comes.
    fn draw(&self, rng: &mut Rng, state: &Case) -> Option<Step> {
        let pool = self.pools.get(&state.world)?;
        let mut last = None;
        for _ in 0..TRIES {
            let (case, slot) = rng.pick(pool)?;
            let step = Step { slot: *slot, args: Arc::clone(&case.args) };
            let (met, ran) = self.run(state, &step, 0);
            let matters = self.matters(&step, &met, &ran);
            last = ran.is_ok().then_some(step).or(last);
            if matters {
                break;
            }
        }
        last
    }

    fn one(&mut self, index: u64, voter: usize) {
        if self.found[voter].is_some() {
            return;
        }
        let letters: Vec<u64> = self.name.bytes().map(u64::from).collect();
        let mut rng = Rng::of(&[self.corpus.seed, Rng::of(&letters).draw(), 77, index]);
        let Some((start, _)) = self.begin(&mut rng) else { return };
        let (mut state, mut steps) = (start.clone(), Vec::new());
        for _ in 0..LENGTH {
            let Some(step) = self.draw(&mut rng, &state) else { break };
            steps.push(step.clone());
            match self.step(&state, &step, voter) {
                Ok((after, matters)) => {
                    self.steps += 1;
                    self.changing += u64::from(matters);
                    state = after;
                }
                Err(None) => break,
                Err(Some((expected, got))) => {
                    let found = Found { start, steps, expected, got };
                    self.found[voter] = Some(self.smaller(found, voter));
                    return;
                }
            }
        }
    }

    /// A state to begin with, that some slot of the component met.
    fn begin(&self, rng: &mut Rng) -> Option<(Case, usize)> {
        let pools: Vec<&Vec<(Case, usize)>> = self.pools.values().collect();
        let pool = rng.pick(&pools)?;
        let with_state: Vec<&(Case, usize)> =
            pool.iter().filter(|(_, slot)| self.uses(*slot) != Use::Ignores).collect();
        rng.pick(&with_state).map(|drawn| (*drawn).clone())
    }

    /// The state after a step, and whether something came of it; what differs; or nothing, if it is no
    /// input there.
    fn step(
        &self,
        state: &Case,
        step: &Step,
        voter: usize,
    ) -> Result<(Case, bool), Option<(String, String)>> {
        let (case, expected) = self.run(state, step, 0);
        let Ok(outcome) = &expected else { return Err(None) };
        let (_, got) = self.run(state, step, voter);
        let slot = self.slots[step.slot].slot;
        if !same(slot, &expected, &got) {
            return Err(Some((describe(slot, &case, &expected), describe(slot, &case, &got))));
        }
        let matters = self.matters(step, &case, &expected);
        let after = outcome.state.as_ref().map(|state| Arc::from((**state).copy()));
        let after = after.unwrap_or_else(|| Arc::clone(&state.state));
        Ok((Case { state: after, ..state.clone() }, matters))
    }

    /// The same finding with as few steps as still show one.
    fn smaller(&self, mut found: Found, voter: usize) -> Found {
        let mut at = 0;
        while at < found.steps.len() {
            let mut fewer = found.steps.clone();
            fewer.remove(at);
            match self.again(&found.start, &fewer, voter) {
                Some((steps, expected, got)) => {
                    found = Found { start: found.start, steps, expected, got };
                }
                None => at += 1,
            }
        }
        found
    }

    /// What a sequence shows, up to the step that shows it.
    fn again(
        &self,
        start: &Case,
        steps: &[Step],
        voter: usize,
    ) -> Option<(Vec<Step>, String, String)> {
        let mut state = start.clone();
        for (at, step) in steps.iter().enumerate() {
            match self.step(&state, step, voter) {
                Ok((after, _)) => state = after,
                Err(None) => return None,
                Err(Some((expected, got))) => return Some((steps[..=at].to_vec(), expected, got)),
            }
        }
        None
    }

    fn show(&self, found: &Found) -> String {
        let mut text = String::new();
        let mut begins = String::new();
        for (number, step) in (1..).zip(&found.steps) {
            let slot = self.slots[step.slot].slot;
            let case = Case { args: Arc::clone(&step.args), ..found.start.clone() };
            let shown = slot.cases().show(slot.facts(), &case);
            let (state, args) = shown.rsplit_once("called with ").unwrap_or(("", &shown));
            text += &format!("call {number}, {}, with {}\n", slot.facts().name, args.trim_end());
            if begins.is_empty() {
                state.clone_into(&mut begins);
            }
        }
        // The state last: it may be cut off, and the calls may not.
        clip(&format!("{text}upon the state\n{begins}"), SCREEN)
    }

    fn verdicts(&self, elapsed: Duration) -> Vec<Verdict> {
        let percent = (100 * self.changing).checked_div(self.steps).unwrap_or_default();
        let families = self.slots.first().map(|slot| slot.names.clone()).unwrap_or_default();
        let verdict = |(family, found): (&&'static str, &Option<Found>)| {
            let mut verdict = blank(self.name, family);
            verdict.cases = self.steps;
            verdict.cases_per_second = per_second(self.steps, elapsed);
            verdict.inputs_per_second = verdict.cases_per_second;
            verdict.state_changing_percent = f64::from(u32::try_from(percent).unwrap_or_default());
            match found {
                Some(found) => {
                    verdict.verdict = Decision::Rejected;
                    verdict.by = Some(By::Differential);
                    verdict.blames = Some(Blames::Version);
                    verdict.rule =
                        Some("does in a sequence of calls what the reference does".into());
                    verdict.minimal_input = Some(self.show(found));
                    verdict.expected = Some(found.expected.clone());
                    verdict.got = Some(found.got.clone());
                }
                None if self.steps == 0 || percent < CHANGING => {
                    verdict.rule =
                        Some(format!("something comes of only {percent} % of the calls"));
                }
                None => verdict.verdict = Decision::Accepted,
            }
            verdict
        };
        families.iter().zip(&self.found).skip(1).map(verdict).collect()
    }
}
