//! What slots are called with in running clusters: recorded, kept by what comes of it, and changed.
//!
//! Clusters of reference replicas run in the simulator, under swarm faults and under every
//! adversary, and each slot's calls are shown to a recorder (`prime::taps`). A bounded sample is kept
//! of each *class* of calls: those with the same reasons for rejecting, the same kinds of effects,
//! and the same answer to whether the state changed. So the rare is kept beside the frequent. What
//! hardly any run comes to is made of what was recorded ([`staged`]) and kept by the same rule; what is at
//! the bounds that contracts name ([`edges`]) is kept apart.

mod class;
mod edges;
mod example;
mod make;
mod record;
mod runs;
mod staged;

pub(crate) use class::Class;
pub use example::examples;
pub(crate) use make::{Recorded, change_args, change_state};

use crate::tree::{Node, Pools};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::Config;

/// How many cases are made of what was recorded of a slot, unless somebody asks for another number:
/// beyond that the same few samples are changed again and again.
pub(crate) const CASES: u64 = 20_000;

/// One recorded cluster.
pub(crate) struct Cluster {
    /// What its replicas were told.
    pub(crate) config: Arc<Config>,
    /// Values that came up in it.
    pub(crate) pools: Pools,
}

/// One call.
pub(crate) struct Sample {
    /// In which cluster.
    pub(crate) cluster: usize,
    /// What the replica was told, if not what all of the cluster were.
    pub(crate) config: Option<Arc<Config>>,
    /// The state that it met.
    pub(crate) state: Arc<dyn Node>,
    /// What it was called with.
    pub(crate) args: Arc<dyn Node>,
    /// Whether it came up, and was not made of something that did.
    pub(crate) recorded: bool,
    /// At which edge it was made, if it was made at one.
    pub(crate) edge: Option<&'static str>,
}

/// Calls of one class.
#[derive(Default)]
pub(crate) struct Kept {
    seen: u64,
    pub(crate) samples: Vec<Sample>,
}

/// Everything recorded under one seed.
pub(crate) struct Taps {
    pub(crate) clusters: Vec<Cluster>,
    slots: BTreeMap<&'static str, BTreeMap<Class, Kept>>,
}

impl Taps {
    /// Records the clusters of `seed`.
    pub(crate) fn record(seed: u64) -> Self {
        Self::some(seed, usize::MAX)
    }

    /// Records the first `most` clusters of `seed`.
    pub(crate) fn some(seed: u64, most: usize) -> Self {
        let mut taps = Self { clusters: Vec::new(), slots: BTreeMap::new() };
        runs::run(seed, most, &mut taps);
        taps
    }

    /// The calls of a slot, by class.
    pub(crate) fn of(&self, slot: &str) -> impl Iterator<Item = (&Class, &Kept)> {
        self.slots.get(slot).into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::tapped;
    use wire::Reject;

    /// Some things come up too rarely to be met under every seed: a restart in the middle of a change
    /// of views, somebody who lacks what such a change settled.
    #[test]
    fn nearly_every_slot_is_called_and_something_comes_of_it() {
        let taps = Taps::record(1);
        let matters = |slot| taps.of(slot).any(|(class, _)| class.matters);
        let never = tapped().into_iter().map(|slot| slot.facts().name).filter(|it| !matters(it));
        let never: Vec<_> = never.collect();
        println!("{never:?}");
        assert!(never.len() <= 3, "{never:?}");
        // What a bound keeps out only whoever fills it first meets.
        let full = |slot| taps.of(slot).any(|(class, _)| class.reasons.contains(&Reject::Full));
        let bounded = tapped().into_iter().map(|slot| slot.facts());
        let bounded = bounded.filter(|facts| facts.rejects.contains(&Reject::Full));
        let without: Vec<_> = bounded.map(|facts| facts.name).filter(|slot| !full(slot)).collect();
        assert!(without.is_empty(), "{without:?}");
        // And those are not shown as if they had come up.
        let all = || tapped().into_iter().flat_map(|slot| taps.of(slot.facts().name));
        let samples = || all().flat_map(|(_, kept)| &kept.samples);
        let made = samples().filter(|sample| !sample.recorded && sample.edge.is_none());
        let kept: usize = all().map(|(_, kept)| kept.samples.len()).sum();
        let made = made.count();
        assert!((50..kept / 2).contains(&made), "{made} of {kept}");
    }

    #[test]
    fn a_seed_means_the_same_calls() {
        let told = |taps: &Taps| {
            let all = tapped().into_iter().map(|slot| {
                let name = slot.facts().name;
                let classes = taps.of(name).map(|(class, kept)| (class.clone(), kept.seen));
                (name, classes.collect::<Vec<_>>())
            });
            all.collect::<Vec<_>>()
        };
        let first = Taps::some(3, 3);
        assert_eq!(first.clusters.len(), 3);
        assert_eq!(told(&first), told(&Taps::some(3, 3)));
    }
}
