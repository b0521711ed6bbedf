//! The recorder of one run: a bounded sample of each slot's calls.

use super::Sample;
use crate::rng::Rng;
use prime::taps::{Copied, Recorder};
use std::collections::BTreeMap;

/// Calls of one slot that are kept of one run, at first.
const KEPT: usize = 40;

#[derive(Default)]
struct Reservoir {
    seen: u64,
    /// Where the call that is wanted goes.
    place: usize,
    kept: Vec<Sample>,
}

/// Keeps calls spread evenly over the run.
pub(super) struct Run {
    cluster: usize,
    rng: Rng,
    slots: BTreeMap<&'static str, Reservoir>,
}

impl Run {
    pub(super) fn new(cluster: usize, rng: Rng) -> Self {
        Self { cluster, rng, slots: BTreeMap::new() }
    }

    /// What was kept, by slot.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (&'static str, Vec<Sample>)> + use<> {
        std::mem::take(&mut self.slots).into_iter().map(|(slot, reservoir)| (slot, reservoir.kept))
    }
}

impl Recorder for Run {
    fn wants(&mut self, slot: &'static str) -> bool {
        let reservoir = self.slots.entry(slot).or_default();
        reservoir.seen += 1;
        reservoir.place = match usize::try_from(self.rng.below(reservoir.seen)) {
            _ if reservoir.kept.len() < KEPT => reservoir.kept.len(),
            Ok(place) => place,
            Err(_) => KEPT,
        };
        reservoir.place < KEPT
    }

    fn take(&mut self, slot: &'static str, state: Copied, args: Copied) {
        let reservoir = self.slots.entry(slot).or_default();
        let sample = Sample { cluster: self.cluster, state, args };
        match reservoir.kept.get_mut(reservoir.place) {
            Some(old) => *old = sample,
            None => reservoir.kept.push(sample),
        }
    }
}
