//! How much of a cluster is diversified, and what its replicas share: lines, and instructions executed.
//!
//! What no more replicas have than may fail is diversified: a fault in it is outvoted, whatever it does.

use super::measure::Execution;
use crate::exit::Result;
use patcher::{Inventory, Plan, Project, REFERENCE, choice, protocol_lines, slot_lines};
use serde::Serialize;
use slot_syntax::SlotPath;
use std::collections::{BTreeMap, BTreeSet};

/// What of a plan is diversified.
struct Diversified {
    /// Slots of which every text is.
    slots: Vec<SlotPath>,
    /// Texts, as owners of instructions are called.
    texts: BTreeSet<String>,
}

impl Diversified {
    fn of(inventory: &Inventory, plan: &Plan) -> Self {
        // Where no replica may fail, one is as many as can be alone.
        let most = usize::try_from(plan.tolerate.max(1)).unwrap_or(usize::MAX);
        let mut all = Self { slots: Vec::new(), texts: BTreeSet::new() };
        for slot in inventory.slots.keys() {
            let chosen = plan.replicas.iter().map(|replica| {
                choice(inventory, replica, slot).map_or_else(
                    || (REFERENCE, format!("{REFERENCE}/{slot}")),
                    |version| {
                        let path = &version.slot;
                        let name = format!("{}/{}.{}", version.family, path.component, path.name);
                        (version.sha256.as_str(), name)
                    },
                )
            });
            let (names, whole) = few(chosen, most);
            all.texts.extend(names);
            if whole {
                all.slots.push(slot.clone());
            }
        }
        all
    }
}

/// The names of texts that at most `most` have, out of each one's text and its name, and whether these are
/// all. Equal texts are one, whatever they are called.
fn few<'a>(
    chosen: impl Iterator<Item = (&'a str, String)>,
    most: usize,
) -> (BTreeSet<String>, bool) {
    let mut users: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (text, name) in chosen {
        users.entry(text).or_default().push(name);
    }
    let whole = users.values().all(|names| names.len() <= most);
    (users.into_values().filter(|names| names.len() <= most).flatten().collect(), whole)
}

/// Whose the instructions are that a cluster executed.
#[derive(Debug)]
pub(crate) struct Shares {
    pub(crate) instructions: u64,
    pub(crate) diversified_percent: f64,
    pub(crate) shared_percent: f64,
    /// What is shared, by crate, the largest first.
    pub(crate) base: Vec<OfCrate>,
    pub(crate) replicas: Vec<OfReplica>,
}

#[derive(Debug, Serialize)]
pub(crate) struct OfCrate {
    #[serde(rename = "crate")]
    pub(crate) name: String,
    pub(crate) percent: f64,
}

#[derive(Debug, Serialize)]
pub(crate) struct OfReplica {
    pub(crate) replica: u32,
    pub(crate) family: String,
    pub(crate) instructions: u64,
    pub(crate) executed_diversified_percent: f64,
}

/// How the shared base calls versions that more replicas have than may fail.
const SHARED_VERSIONS: &str = "versions that too many have";

impl Shares {
    pub(crate) fn of(inventory: &Inventory, plan: &Plan, executed: &Execution) -> Self {
        Self::by(&Diversified::of(inventory, plan).texts, plan, &executed.replicas)
    }

    /// `executed` has each replica's instructions by owner.
    fn by(diversified: &BTreeSet<String>, plan: &Plan, executed: &[BTreeMap<String, u64>]) -> Self {
        let mut base: BTreeMap<String, u64> = BTreeMap::new();
        let (mut instructions, mut own_of_all) = (0, 0);
        let mut replicas = Vec::new();
        for (replica, owners) in plan.replicas.iter().zip(executed) {
            let all: u64 = owners.values().sum();
            let mut own = 0;
            for (owner, count) in owners {
                if diversified.contains(owner) {
                    own += count;
                } else {
                    let name = if owner.contains('/') { SHARED_VERSIONS } else { owner };
                    *base.entry(name.to_owned()).or_default() += count;
                }
            }
            instructions += all;
            own_of_all += own;
            replicas.push(OfReplica {
                replica: replica.id,
                family: replica.family.clone(),
                instructions: all,
                executed_diversified_percent: percent(own, all),
            });
        }
        let of_crate =
            |(name, count): (String, u64)| OfCrate { name, percent: percent(count, instructions) };
        let mut base: Vec<OfCrate> = base.into_iter().map(of_crate).collect();
        base.sort_by(|one, other| other.percent.total_cmp(&one.percent));
        Self {
            instructions,
            diversified_percent: percent(own_of_all, instructions),
            shared_percent: percent(instructions - own_of_all, instructions),
            base,
            replicas,
        }
    }
}

/// In percent, to a hundredth.
fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (10_000.0 * part as f64 / whole as f64).round() / 100.0 }
}

/// Lines of the protocol's code, and of those slots that are diversified.
#[derive(Debug)]
pub(crate) struct Lines {
    pub(crate) diversified: usize,
    pub(crate) protocol: usize,
}

impl Lines {
    pub(crate) fn of(project: &Project, inventory: &Inventory, plan: &Plan) -> Result<Self> {
        let slots = Diversified::of(inventory, plan).slots;
        let lines = |path| slot_lines(inventory, &inventory.slots[path]);
        Ok(Self { diversified: slots.iter().map(lines).sum(), protocol: protocol_lines(project)? })
    }

    pub(crate) fn percent(&self) -> f64 {
        percent(self.diversified as u64, self.protocol as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::{SHARED_VERSIONS, Shares, few, percent};
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn what_no_more_have_than_may_fail_is_diversified() {
        let of = |most| {
            let chosen = [("x", "alder/a.b"), ("y", "birch/a.b"), ("x", "cedar/a.b")];
            few(chosen.into_iter().map(|(text, name)| (text, name.to_owned())), most)
        };
        // A copy under another name is a copy.
        assert_eq!(of(1), (BTreeSet::from(["birch/a.b".to_owned()]), false));
        assert_eq!(of(2).0.len(), 3);
        assert!(of(2).1);
    }

    #[test]
    fn instructions_are_in_the_base_unless_they_are_a_diversified_versions() {
        let text = "format = 1\nseed = 1\ntolerate = 0\nrecovering = 0\n[[replica]]\nid = 1\nfamily = \
                    \"alder\"\n[[replica]]\nid = 2\nfamily = \"birch\"\n";
        let plan = patcher::parse_plan(std::path::Path::new("plan.toml"), text).unwrap();
        let owners = |all: &[(&str, u64)]| -> BTreeMap<String, u64> {
            all.iter().map(|(owner, count)| ((*owner).to_owned(), *count)).collect()
        };
        let executed = [
            owners(&[("alder/a.b", 30), ("reference/a.c", 10), ("wire", 60)]),
            owners(&[("birch/a.b", 10), ("reference/a.c", 40), ("wire", 50)]),
        ];
        let diversified = ["alder/a.b", "birch/a.b"].map(str::to_owned).into();
        let shares = Shares::by(&diversified, &plan, &executed);
        assert_eq!((shares.instructions, shares.diversified_percent), (200, 20.0));
        assert_eq!(shares.shared_percent, 80.0);
        let base: Vec<(&str, f64)> =
            shares.base.iter().map(|one| (one.name.as_str(), one.percent)).collect();
        assert_eq!(base, [("wire", 55.0), (SHARED_VERSIONS, 25.0)]);
        let of_replicas = shares.replicas.iter().map(|one| one.executed_diversified_percent);
        assert_eq!(of_replicas.collect::<Vec<_>>(), [30.0, 10.0]);
    }

    #[test]
    fn a_share_is_in_percent() {
        assert_eq!((percent(1, 3), percent(0, 0), percent(5, 5)), (33.33, 0.0, 100.0));
    }
}
