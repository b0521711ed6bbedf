//! The recorder of one run: a bounded sample of each slot's calls.

use super::Sample;
use crate::registry::tapped;
use crate::rng::Rng;
use crate::slots::Judged;
use prime::taps::{Copied, Recorder};
use std::any::Any;
use std::collections::BTreeMap;

/// Calls of one slot upon states of one shape that are kept of one run, at first.
const KEPT: usize = 6;

/// Shapes told apart.
const SHAPES: usize = 24;

/// From how many calls of a slot on only some are looked at, one of how many.
const MANY: u64 = 2_000;
const FEW: u64 = 8;

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
}

/// Keeps calls spread evenly over the run.
pub(super) struct Run {
    cluster: usize,
    rng: Rng,
    slots: BTreeMap<&'static str, Slot>,
    /// Shape and place of the call that is wanted.
    wanted: (u64, usize),
}

impl Run {
    pub(super) fn new(cluster: usize, rng: Rng) -> Self {
        let slot = |slot| Slot { slot, calls: 0, shapes: BTreeMap::new() };
        let slots = tapped().into_iter().map(|tapped| (tapped.facts().name, slot(tapped)));
        Self { cluster, rng, slots: slots.collect(), wanted: (0, 0) }
    }

    /// What was kept, by slot.
    pub(super) fn take(
        &mut self,
    ) -> impl Iterator<Item = (&'static dyn Judged, Vec<Sample>)> + use<> {
        std::mem::take(&mut self.slots).into_values().map(|slot| {
            let kept = slot.shapes.into_values().flat_map(|reservoir| reservoir.kept);
            (slot.slot, kept.collect())
        })
    }
}

impl Recorder for Run {
    fn wants(&mut self, slot: &'static str, state: &dyn Any) -> bool {
        let Some(slot) = self.slots.get_mut(slot) else { return false };
        slot.calls += 1;
        if slot.calls > MANY && !slot.calls.is_multiple_of(FEW) {
            return false;
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
        place < KEPT
    }

    fn take(&mut self, slot: &'static str, state: Copied, args: Copied) {
        let (shape, place) = self.wanted;
        let Some(slot) = self.slots.get_mut(slot) else { return };
        let kept = &mut slot.shapes.entry(shape).or_default().kept;
        let (state, args) =
            slot.slot.recorded(state, args).expect("the slot's line copies its signature");
        let sample = Sample { cluster: self.cluster, state: state.into(), args: args.into() };
        match kept.get_mut(place) {
            Some(old) => *old = sample,
            None => kept.push(sample),
        }
    }
}
