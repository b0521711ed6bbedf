//! Search by coverage: inputs that took an edge that none took before are kept and changed further.
//!
//! What the compiler counted tells which edges of the versions and of the reference an input took, and
//! about how often ([`Sense`]). Inputs come from three hands: made as always, put together of two that
//! were kept, and kept ones with something changed in state or arguments. At the end the inputs are
//! made smaller as long as they take what only they take, and the least of them are handed back.

use super::Engine;
use crate::case::{Case, Make};
use crate::rng::Rng;
use crate::slots::Judged;
use crate::taps::{change_args, change_state};
use crate::tree::{Hand, Pools};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use verdict::Verdict;

/// How many inputs are made as always. Percent.
const FRESH: u64 = 30;

/// Inputs kept in memory.
const MOST: usize = 4_000;

/// An input that is handed back is at most so long. Unit: bytes of JSON.
const LONGEST: usize = 16 << 10;

/// Smaller inputs that are tried for one that is handed back.
const TRIES: usize = 300;

/// Time for making them smaller.
const LESSENING: Duration = Duration::from_secs(20);

/// What a search goes by.
pub trait Sense {
    /// Forgets what happened.
    fn reset(&mut self);

    /// What happened since, in numbers that are the same whenever the same happens.
    fn features(&mut self) -> Vec<u32>;
}

/// An input that took what none took before.
struct Entry {
    case: Case,
    features: Vec<u32>,
}

/// The inputs that a search has, and where the next ones come from.
struct Found<'a> {
    slot: &'a dyn Judged,
    fresh: Box<dyn Make + 'a>,
    made: u64,
    rng: Rng,
    entries: Vec<Entry>,
    seen: BTreeSet<u32>,
    /// Values that came up, by the world of the cases.
    pools: BTreeMap<usize, Pools>,
}

impl Found<'_> {
    fn next(&mut self) -> Option<Case> {
        if self.entries.is_empty() || self.rng.percent(FRESH) {
            let case = self.fresh.case(self.made);
            self.made += 1;
            return case;
        }
        let mut case = self.entries[self.rng.index(self.entries.len())].case.clone();
        if self.rng.percent(20) {
            let other = &self.entries[self.rng.index(self.entries.len())].case;
            if *other.config == *case.config {
                (case.args, case.sure) = (Arc::clone(&other.args), false);
            }
        }
        let seed = self.rng.draw();
        let pools = self.pools.entry(case.world).or_default();
        let mut hand = Hand::new(&case.config, pools, Rng::of(&[seed]));
        if hand.rng.percent(50)
            && let Some(changed) = change_state(self.slot, &*case.state, &mut hand)
        {
            (case.state, case.sure) = (changed.into(), false);
        }
        if hand.rng.percent(80) {
            let args = change_args(self.slot, &*case.state, Arc::clone(&case.args), &mut hand);
            // Whatever a peer says to a server in a state that was must not bring it down.
            case.sure &= self.slot.facts().hears() || args.same(&*case.args);
            case.args = args;
        }
        Some(case)
    }

    /// Keeps a case if it took what none took before.
    fn learn(&mut self, case: &Case, features: Vec<u32>) {
        if self.entries.len() >= MOST || features.iter().all(|it| self.seen.contains(it)) {
            return;
        }
        self.seen.extend(&features);
        let pools = self.pools.entry(case.world).or_default();
        case.args.collect(pools);
        case.state.collect(pools);
        self.entries.push(Entry { case: case.clone(), features });
    }
}

/// What a search came to.
#[derive(Clone, Debug)]
pub struct Searched {
    /// One for each version, the reference's first.
    pub verdicts: Vec<Verdict>,
    /// The least inputs that together take all that was taken, as far as there is room.
    pub corpus: Vec<Value>,
    /// How many different things happened.
    pub features: u64,
}

impl Engine<'_> {
    /// Searches for as long as the plan says.
    pub(super) fn search(mut self, sense: &mut dyn Sense) -> Searched {
        let slot = self.voters.slot;
        let mut found = Found {
            slot,
            fresh: slot.cases().maker(slot, self.corpus),
            made: 0,
            rng: Rng::of(&[self.corpus.seed, 0x5eac]),
            entries: Vec::new(),
            seen: BTreeSet::new(),
            pools: BTreeMap::new(),
        };
        let (plan, start) = (self.plan, Instant::now());
        for kept in plan.kept.iter().filter(|kept| kept.slot == slot.facts().name) {
            if let Ok(mut case) = slot.had(&kept.input) {
                case.world = slot.cases().world(self.corpus, &case.config);
                self.try_one(Some(&kept.name), 0, &case, sense, &mut found);
            }
        }
        for index in 0..plan.cases.unwrap_or_else(|| slot.facts().cases) {
            let over = index.is_multiple_of(64) && start.elapsed() > plan.time;
            if over || self.is_decided() {
                break;
            }
            let Some(case) = found.next() else { break };
            self.try_one(None, index, &case, sense, &mut found);
        }
        self.odd(None);
        self.tally.elapsed = start.elapsed().saturating_sub(self.tally.shrinking);
        let features = found.seen.len() as u64;
        let corpus = self.least(found.entries, sense);
        let verdicts = self.tally.verdicts(self.corpus.seed, false);
        Searched { verdicts, corpus, features }
    }

    /// Judges one case and looks at what it took.
    fn try_one(
        &mut self,
        name: Option<&str>,
        index: u64,
        case: &Case,
        sense: &mut dyn Sense,
        found: &mut Found<'_>,
    ) {
        self.origin = name.map_or(super::Origin::Searched, |it| super::Origin::Kept(it.to_owned()));
        self.odd(Some(case));
        sense.reset();
        let ran = self.run(case);
        let features = sense.features();
        let is_input = self.weigh(index, case, &ran);
        if is_input {
            found.learn(case, features);
        }
    }

    /// The least inputs that together take all that the entries take, as far as there is room.
    fn least(&self, mut entries: Vec<Entry>, sense: &mut dyn Sense) -> Vec<Value> {
        let slot = self.voters.slot;
        entries.sort_by_cached_key(|entry| slot.keep(&entry.case).to_string().len());
        let start = Instant::now();
        let (mut corpus, mut covered, mut room) =
            (Vec::new(), BTreeSet::new(), verdict::Search::TOGETHER);
        for Entry { case, features } in entries {
            let own: Vec<u32> = features.into_iter().filter(|it| !covered.contains(it)).collect();
            if own.is_empty() {
                continue;
            }
            let case = self.lessened(case, &own, start, sense);
            let kept = slot.keep(&case);
            let length = kept.to_string().len();
            if length <= LONGEST.min(room) {
                room -= length;
                covered.extend(self.taken(&case, sense));
                corpus.push(kept);
            }
        }
        corpus
    }

    /// What a case takes.
    fn taken(&self, case: &Case, sense: &mut dyn Sense) -> BTreeSet<u32> {
        sense.reset();
        let _ = self.voters.run(case);
        sense.features().into_iter().collect()
    }

    /// A smaller case that takes all of `own` too.
    fn lessened(&self, mut case: Case, own: &[u32], start: Instant, sense: &mut dyn Sense) -> Case {
        let slot = self.voters.slot;
        let (mut tries, mut from) = (0, 0);
        while case.world != crate::case::NOWHERE {
            let whole = case.clone();
            let mut success = None;
            for (step, less) in slot.cases().smaller(slot, self.corpus, &whole, from) {
                tries += 1;
                if tries > TRIES || start.elapsed() > LESSENING {
                    return case;
                }
                let taken = self.taken(&less, sense);
                if own.iter().all(|it| taken.contains(it)) {
                    success = Some((step, less));
                    break;
                }
            }
            match success {
                Some((step, less)) => (from, case) = (step, less),
                None if from == 0 => break,
                None => from = 0,
            }
        }
        case
    }
}

/// The compiler's counters.
#[cfg(feature = "coverage")]
pub(crate) struct Counters;

#[cfg(feature = "coverage")]
impl Sense for Counters {
    fn reset(&mut self) {
        coverage::reset();
    }

    fn features(&mut self) -> Vec<u32> {
        let mut features = Vec::new();
        coverage::taken(|edge, count| {
            // Once, twice or more, four times or more, and so on.
            let often = u8::BITS - 1 - count.leading_zeros();
            features.push(u32::try_from(edge).unwrap_or(u32::MAX / 16) * u8::BITS + often);
        });
        features
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Plan, run, search};
    use super::*;
    use crate::slots::{Linked, table::RelationOf};
    use prime::pre_order::{Relation, relation};
    use std::sync::atomic::{AtomicU32, Ordering};
    use verdict::{Decision, KeptInput};
    use wire::PoSeq;

    /// A bit for each door of the maze that was passed.
    static PASSED: AtomicU32 = AtomicU32::new(0);

    /// Wrong behind four doors: numbers above what clusters get to, in the first four places.
    fn maze(one: &[PoSeq], other: &[PoSeq]) -> Relation {
        let doors = one.iter().take(4).take_while(|number| number.0 > 40).count();
        PASSED.fetch_or((1 << doors) - 1, Ordering::Relaxed);
        if doors == 4 { Relation::Same } else { relation(one, other) }
    }

    struct Doors;

    impl Sense for Doors {
        fn reset(&mut self) {
            PASSED.store(0, Ordering::Relaxed);
        }

        fn features(&mut self) -> Vec<u32> {
            let passed = PASSED.load(Ordering::Relaxed);
            (0..4).filter(|door| passed & (1 << door) != 0).collect()
        }
    }

    fn rejected(verdicts: &[Verdict]) -> Vec<&Verdict> {
        verdicts.iter().filter(|one| one.verdict == Decision::Rejected).collect()
    }

    #[test]
    fn what_is_behind_doors_is_found_by_search_and_not_by_chance() {
        let corpus = crate::Corpus::record(5);
        let slot = Linked::<RelationOf>(&[("maze", maze)]);
        let lost = |verdict: Verdict| panic!("{verdict:?}");
        let plan = Plan { cases: Some(60_000), ..Plan::default() };
        assert_eq!(rejected(&run(&corpus, &slot, &plan, &lost)), [] as [&Verdict; 0]);
        let searched = search(&corpus, &slot, &plan, &mut Doors, &lost);
        let found = rejected(&searched.verdicts);
        assert_eq!(found.len(), 1, "{:?}", searched.verdicts);
        assert_eq!((found[0].family.as_str(), &found[0].replay), ("maze", &None));
        assert_eq!(searched.features, 4);

        // What is handed back is enough to pass all doors, and to find it again at once.
        assert!((1..=4).contains(&searched.corpus.len()), "{:?}", searched.corpus);
        let named = |(number, input): (usize, &Value)| KeptInput {
            name: number.to_string(),
            slot: String::from("pre_order.relation"),
            input: input.clone(),
        };
        let kept = searched.corpus.iter().enumerate().map(named).collect();
        let plan = Plan { cases: Some(0), kept, ..Plan::default() };
        let again = run(&corpus, &slot, &plan, &lost);
        assert_eq!(rejected(&again).len(), 1, "{again:?}");
        let once_more = search(&corpus, &slot, &plan, &mut Doors, &lost);
        assert_eq!(once_more.features, 4);
        assert_eq!(once_more.corpus.len(), searched.corpus.len());
    }
}
