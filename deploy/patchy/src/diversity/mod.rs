//! How different versions are, and how much of what runs is different.
//!
//! Distances go from 0, the same, to 1, nothing in common, and there are four of them: by source, of
//! tokens and of syntax trees, which are found here; by machine code and by what is executed upon equal
//! inputs, which a program finds that links the versions (crate `diversity`). Another program runs a
//! cluster and says whose the instructions are that its replicas execute. Both are built on first use.

mod measure;
mod page;
mod shares;
mod source;

pub(crate) use measure::{Calls, Effort, Execution, execution, versions};
pub(crate) use page::{Page, page};
pub(crate) use shares::{Lines, Shares};
pub(crate) use source::source;

use patcher::{Inventory, Plan, REFERENCE, choice, slot_lines};
use serde::Serialize;
use slot_syntax::SlotPath;
use std::collections::BTreeMap;

/// How far apart two versions are. Each 0 to 1; nothing where it could not be measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct Distance {
    pub(crate) source: Option<f64>,
    pub(crate) tree: Option<f64>,
    pub(crate) machine_code: Option<f64>,
    pub(crate) trace: Option<f64>,
}

/// What the distances are called, in the order in which they are shown.
pub(crate) const MEASURES: [&str; 4] = ["source", "tree", "machine code", "trace"];

impl Distance {
    /// Of a version from itself.
    const NONE: Self =
        Self { source: Some(0.0), tree: Some(0.0), machine_code: Some(0.0), trace: Some(0.0) };

    /// In the order of [`MEASURES`].
    pub(crate) const fn all(&self) -> [Option<f64>; 4] {
        [self.source, self.tree, self.machine_code, self.trace]
    }

    fn of([source, tree, machine_code, trace]: [Option<f64>; 4]) -> Self {
        Self { source, tree, machine_code, trace }
    }
}

/// Two families, the lesser name first.
type Pair = (String, String);

/// The distances of versions, by slot and by the families that wrote them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Distances(pub(crate) BTreeMap<SlotPath, BTreeMap<Pair, Distance>>);

impl Distances {
    /// How far two families' versions of a slot are apart.
    fn between(&self, slot: &SlotPath, one: &str, other: &str) -> Distance {
        if one == other {
            return Distance::NONE;
        }
        let (left, right) = if one < other { (one, other) } else { (other, one) };
        let pairs = self.0.get(slot);
        let found = pairs.and_then(|pairs| pairs.get(&(left.to_owned(), right.to_owned())));
        found.copied().unwrap_or_default()
    }
}

/// Who is compared: families, or the replicas of a plan.
#[derive(Debug, Clone)]
pub(crate) struct Party {
    /// `alder`, or `1 (alder)`.
    pub(crate) name: String,
    /// Whose version it has of each slot.
    families: BTreeMap<SlotPath, String>,
}

impl Party {
    /// All families that have versions, and the reference.
    pub(crate) fn families(inventory: &Inventory) -> Vec<Self> {
        let planted = |family: &str| inventory.families[family].lineage.planted;
        let families = inventory.families.keys().map(String::as_str).filter(|name| !planted(name));
        let of = |family: &str| {
            let has = |slot: &&SlotPath| {
                family == REFERENCE || inventory.families[family].versions.contains_key(*slot)
            };
            let slots = inventory.slots.keys().filter(has);
            let families = slots.map(|slot| (slot.clone(), family.to_owned())).collect();
            Self { name: family.to_owned(), families }
        };
        std::iter::once(REFERENCE).chain(families).map(of).collect()
    }

    /// The replicas of a plan.
    pub(crate) fn replicas(inventory: &Inventory, plan: &Plan) -> Vec<Self> {
        let of = |replica: &patcher::ReplicaPlan| {
            let whose = |slot: &SlotPath| {
                let version = choice(inventory, replica, slot);
                (slot.clone(), version.map_or(REFERENCE, |it| &it.family).to_owned())
            };
            let families = inventory.slots.keys().map(whose).collect();
            Self { name: format!("{} ({})", replica.id, replica.family), families }
        };
        plan.replicas.iter().map(of).collect()
    }
}

/// Two parties, over all slots that both have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct OfPair {
    pub(crate) left: String,
    pub(crate) right: String,
    /// Slots that both have.
    pub(crate) slots: usize,
    /// Those in which both have the same text's version.
    pub(crate) same: usize,
    /// Means over the slots, weighed by the lines of the reference's code.
    #[serde(flatten)]
    pub(crate) distance: Distance,
}

/// One slot and two parties.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct OfSlot {
    pub(crate) slot: String,
    /// Lines of the reference's code.
    pub(crate) lines: usize,
    pub(crate) pairs: Vec<OfPair>,
    /// Means over the pairs.
    #[serde(flatten)]
    pub(crate) distance: Distance,
}

/// Holds all parties against each other, over all slots and in each.
pub(crate) fn compare(
    inventory: &Inventory,
    parties: &[Party],
    distances: &Distances,
) -> (Vec<OfPair>, Vec<OfSlot>) {
    let lines: BTreeMap<&SlotPath, usize> =
        inventory.slots.values().map(|slot| (&slot.path, slot_lines(inventory, slot))).collect();
    let pairs = couples(parties).map(|(one, other)| {
        let slots: Vec<(&SlotPath, &str, &str)> = one
            .families
            .iter()
            .filter_map(|(slot, family)| Some((slot, &**family, &**other.families.get(slot)?)))
            .collect();
        let weighed = slots
            .iter()
            .map(|(slot, left, right)| (lines[*slot], distances.between(slot, left, right)));
        OfPair {
            left: one.name.clone(),
            right: other.name.clone(),
            slots: slots.len(),
            same: slots.iter().filter(|(_, left, right)| left == right).count(),
            distance: mean(&weighed.collect::<Vec<_>>()),
        }
    });
    let slots = inventory.slots.keys().map(|slot| {
        let pairs: Vec<OfPair> = couples(parties)
            .filter_map(|(one, other)| {
                let (left, right) = (one.families.get(slot)?, other.families.get(slot)?);
                Some(OfPair {
                    left: one.name.clone(),
                    right: other.name.clone(),
                    slots: 1,
                    same: usize::from(left == right),
                    distance: distances.between(slot, left, right),
                })
            })
            .collect();
        let all: Vec<(usize, Distance)> = pairs.iter().map(|pair| (1, pair.distance)).collect();
        OfSlot { slot: slot.to_string(), lines: lines[slot], pairs, distance: mean(&all) }
    });
    (pairs.collect(), slots.collect())
}

fn couples(parties: &[Party]) -> impl Iterator<Item = (&Party, &Party)> {
    let others = |at: usize| parties.iter().skip(at + 1);
    parties.iter().enumerate().flat_map(move |(at, one)| others(at).map(move |other| (one, other)))
}

/// The mean of what is known, by weight.
fn mean(all: &[(usize, Distance)]) -> Distance {
    let of = |measure: usize| {
        let known = all.iter().filter_map(|(weight, distance)| {
            distance.all()[measure].map(|distance| (*weight as f64, distance))
        });
        let (weights, sum) = known.fold((0.0, 0.0), |(weights, sum), (weight, distance)| {
            (weights + weight, weight.mul_add(distance, sum))
        });
        (weights > 0.0).then(|| sum / weights)
    };
    Distance::of([of(0), of(1), of(2), of(3)])
}

#[cfg(test)]
mod tests {
    use super::{Distance, mean};

    #[test]
    fn a_mean_is_of_what_is_known_and_by_weight() {
        let distance = |source, trace| Distance { source, trace, ..Distance::default() };
        let all = [(3, distance(Some(1.0), None)), (1, distance(Some(0.0), Some(0.5)))];
        assert_eq!(mean(&all), distance(Some(0.75), Some(0.5)));
        assert_eq!(mean(&[]), Distance::default());
    }
}
