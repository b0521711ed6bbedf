//! The recorder of one run: a bounded sample of each slot's calls.

use super::Sample;
use crate::quiet;
use crate::registry::tapped;
use crate::rng::Rng;
use crate::slots::Judged;
use prime::taps::{Copied, Recorder};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::Config;

/// Calls of one slot upon states of one shape that are kept of one run, at first.
const KEPT: usize = 6;

/// Shapes told apart.
const SHAPES: usize = 24;

/// From how many calls of a slot on only some are looked at, one of how many.
const MANY: u64 = 2_000;
const FEW: u64 = 8;

/// Calls looked at before it is known whether something seldom comes of a slot's calls: of less than
/// one of so many. Then others are looked at for what comes of them, so many at most, and so many kept
/// of which something does.
const FIRST: u64 = 8;
const SELDOM: u64 = 8;
const LOOKED: u64 = 2_500;
const RARE: usize = 8;

#[derive(Default)]
struct Reservoir {
    seen: u64,
    kept: Vec<Sample>,
}

struct Slot {
    slot: &'static dyn Judged,
    calls: u64,
    /// By which fields of the state are empty: what is about to happen where others do not often get
    /// is kept beside what happens all the time.
    shapes: BTreeMap<u64, Reservoir>,
    rare: Rare,
}

/// The few calls of a slot of which something comes, where that is rare: whether a step can be taken is
/// asked at every turn, and no sample of all calls would have the turn at which it is.
#[derive(Default)]
struct Rare {
    looked: u64,
    mattered: u64,
    kept: Vec<Sample>,
}

impl Rare {
    fn wants(&self) -> bool {
        (FIRST..LOOKED).contains(&self.looked)
            && self.mattered.saturating_mul(SELDOM) < self.looked
            && self.kept.len() < RARE
    }
}

/// Whether something comes of a call, as the reference has it.
fn matters(slot: &dyn Judged, config: &Config, sample: &Sample) -> bool {
    let (state, args) = (&*sample.state, &*sample.args);
    let outcome = quiet::catch(|| slot.run(0, config, state, args));
    outcome.is_ok_and(|outcome| slot.matters(&outcome, state))
}

/// Keeps calls spread evenly over the run.
pub(super) struct Run {
    cluster: usize,
    config: Arc<Config>,
    rng: Rng,
    slots: BTreeMap<&'static str, Slot>,
    /// Shape and place of the call that is wanted.
    wanted: (u64, usize),
}

impl Run {
    pub(super) fn new(cluster: usize, config: Arc<Config>, rng: Rng) -> Self {
        let slot = |slot| Slot { slot, calls: 0, shapes: BTreeMap::new(), rare: Rare::default() };
        let slots = tapped().into_iter().map(|tapped| (tapped.facts().name, slot(tapped)));
        Self { cluster, config, rng, slots: slots.collect(), wanted: (0, 0) }
    }

    /// What was kept, by slot.
    pub(super) fn take(
        &mut self,
    ) -> impl Iterator<Item = (&'static dyn Judged, Vec<Sample>)> + use<> {
        std::mem::take(&mut self.slots).into_values().map(|slot| {
            let kept = slot.shapes.into_values().flat_map(|reservoir| reservoir.kept);
            (slot.slot, kept.chain(slot.rare.kept).collect())
        })
    }
}

impl Recorder for Run {
    fn wants(&mut self, slot: &'static str, state: &dyn Any) -> bool {
        let Some(slot) = self.slots.get_mut(slot) else { return false };
        slot.calls += 1;
        self.wanted = (0, KEPT);
        if slot.calls > MANY && !slot.calls.is_multiple_of(FEW) {
            return slot.rare.wants();
        }
        let shape = slot.slot.shape(state);
        let full = slot.shapes.len() >= SHAPES && !slot.shapes.contains_key(&shape);
        let shape = if full { 0 } else { shape };
        let reservoir = slot.shapes.entry(shape).or_default();
        reservoir.seen += 1;
        let place = match usize::try_from(self.rng.below(reservoir.seen)) {
            _ if reservoir.kept.len() < KEPT => reservoir.kept.len(),
            Ok(place) => place,
            Err(_) => KEPT,
        };
        self.wanted = (shape, place);
        place < KEPT || slot.rare.wants()
    }

    fn take(&mut self, slot: &'static str, state: Copied, args: Copied) {
        let (shape, place) = self.wanted;
        let Some(slot) = self.slots.get_mut(slot) else { return };
        let (state, args) =
            slot.slot.recorded(state, args).expect("the slot's line copies its signature");
        let (state, args) = (state.into(), args.into());
        let cluster = self.cluster;
        let sample = Sample { cluster, config: None, state, args, recorded: true, edge: None };
        let rare = &mut slot.rare;
        let looks = rare.looked < LOOKED;
        let matters = looks && matters(slot.slot, &self.config, &sample);
        rare.looked += u64::from(looks);
        rare.mattered += u64::from(matters);
        if place < KEPT {
            let kept = &mut slot.shapes.entry(shape).or_default().kept;
            match kept.get_mut(place) {
                Some(old) => *old = sample,
                None => kept.push(sample),
            }
        } else if matters {
            rare.kept.push(sample);
        }
    }
}
