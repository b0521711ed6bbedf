//! Making a plan within the sharing bound, or saying what is missing for one.
//!
//! The bound: no version, and no family, in more than f replicas. The reference counts as a
//! family. It is asked for slots that some family has written anew; the others stay the
//! reference's in every replica and are reported as such.

use crate::check::{bounded_slots, may_vote};
use crate::error::Result;
use crate::inventory::{Inventory, REFERENCE};
use crate::plan::{Compiler, FORMAT, Origin, Plan, ReplicaPlan};
use crate::random::Random;
use serde::Serialize;
use slot_syntax::SlotPath;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// What is asked of a plan.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// How many replicas.
    pub replicas: u32,
    /// f; the largest that the replicas allow if absent.
    pub tolerate: Option<u32>,
    /// k.
    pub recovering: u32,
    /// Families to choose from, `reference` included; all that may vote if empty.
    pub families: Vec<String>,
    /// Components that must hold the bound in every slot. If empty, the bound is asked for those
    /// slots alone that some family has written anew.
    pub components: Vec<String>,
    /// Equal seeds give equal plans.
    pub seed: u64,
}

/// No plan holds the sharing bound.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize)]
#[error("{reason}{}", lacking(.infeasible))]
pub struct Infeasible {
    /// Why.
    pub reason: String,
    /// Slots with too few versions.
    pub infeasible: Vec<Lack>,
}

/// A slot with too few versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lack {
    /// The slot.
    pub slot: String,
    /// How many different versions there are, the reference's included.
    pub have: usize,
    /// How many there must be.
    pub need: usize,
}

fn lacking(lacks: &[Lack]) -> String {
    let named = lacks
        .iter()
        .take(3)
        .map(|lack| format!("`{}` has {} of {} versions", lack.slot, lack.have, lack.need));
    let text = named.collect::<Vec<_>>().join(", ");
    match lacks.len() {
        0 => String::new(),
        1..=3 => format!(": {text}"),
        more => format!(": {text}, and {} more slots", more - 3),
    }
}

/// 3f+2k+1.
pub(crate) fn replicas_needed(tolerate: u32, recovering: u32) -> usize {
    3 * tolerate as usize + 2 * recovering as usize + 1
}

/// How many replicas may share a version. One that tolerates nothing may still be one replica.
pub(crate) fn sharing_bound(tolerate: u32) -> usize {
    tolerate.max(1) as usize
}

/// Makes a plan.
///
/// # Errors
///
/// Unknown families and components, and [`crate::Error::Infeasible`] with what is missing.
pub fn make_plan(inventory: &Inventory, request: &Request) -> Result<Plan> {
    let replicas = request.replicas as usize;
    let tolerate = tolerate(request);
    let need = replicas_needed(tolerate, request.recovering);
    if replicas < need || replicas == 0 {
        let reason = format!(
            "{replicas} replicas cannot tolerate {tolerate} while {} recover: that takes {need} \
             (3f+2k+1)",
            request.recovering
        );
        return Err(Infeasible { reason, infeasible: Vec::new() }.into());
    }
    let mut random = Random::new(request.seed);
    let families = candidates(inventory, request, &mut random)?;
    for component in &request.components {
        inventory.slots_named(component)?;
    }
    let bounded = bounded_slots(inventory, &request.components);
    // Without any family, every slot lacks versions.
    let all = || inventory.slots.keys().collect();
    let slots = if bounded.is_empty() { all() } else { bounded };
    let slots = slots.into_iter().cloned().collect();
    let search = Search { families, slots, replicas, bound: sharing_bound(tolerate) };
    let Some(mut chosen) = search.run() else {
        return Err(search.lacks(tolerate).into());
    };
    random.shuffle(&mut chosen);
    let replica = |(index, family): (u32, String)| {
        // Layout differs between replicas at no cost: equal families never make equal binaries.
        let compiler = Compiler {
            section_shuffle: Some(u32::try_from(random.next() >> 33).unwrap_or(1)),
            ..Compiler::default()
        };
        ReplicaPlan { compiler, ..ReplicaPlan::of_family(index, &family) }
    };
    let replicas = (1..).zip(chosen).map(replica).collect();
    Ok(Plan {
        format: FORMAT,
        seed: request.seed,
        tolerate,
        recovering: request.recovering,
        components: request.components.clone(),
        waive_sharing_bound: false,
        override_rejected: Vec::new(),
        replicas,
        origin: Origin::default(),
    })
}

fn tolerate(request: &Request) -> u32 {
    let most = request.replicas.saturating_sub(2 * request.recovering + 1) / 3;
    request.tolerate.unwrap_or(most)
}

/// A family with the slots of which it has usable versions.
struct Candidate {
    name: String,
    has: BTreeSet<SlotPath>,
}

/// The families to choose from: the most complete first, equal ones in an order of the seed.
fn candidates(
    inventory: &Inventory,
    request: &Request,
    random: &mut Random,
) -> Result<Vec<Candidate>> {
    let mut found = Vec::new();
    let all = request.families.is_empty();
    let names: BTreeSet<&str> = request.families.iter().map(String::as_str).collect();
    for name in names.iter().filter(|name| **name != REFERENCE) {
        inventory.family(name)?;
    }
    if all || names.contains(REFERENCE) {
        found.push(Candidate { name: REFERENCE.to_owned(), has: BTreeSet::new() });
    }
    for (name, family) in &inventory.families {
        if (all || names.contains(name.as_str())) && may_vote(family) {
            let usable = family.versions.values().filter(|version| version.fit.is_ok());
            let has: BTreeSet<SlotPath> = usable.map(|version| version.slot.clone()).collect();
            if !has.is_empty() {
                found.push(Candidate { name: name.clone(), has });
            }
        }
    }
    random.shuffle(&mut found);
    found.sort_by_key(|candidate| std::cmp::Reverse(candidate.has.len()));
    Ok(found)
}

/// The search for a family for each replica.
struct Search {
    families: Vec<Candidate>,
    /// Slots for which the bound is asked.
    slots: Vec<SlotPath>,
    replicas: usize,
    bound: usize,
}

impl Search {
    /// One family a replica, or `None`. Prefers complete families and as many as there are.
    fn run(&self) -> Option<Vec<String>> {
        let mut chosen = Vec::new();
        let mut room: BTreeMap<&SlotPath, usize> =
            self.slots.iter().map(|slot| (slot, self.bound)).collect();
        self.extend(0, &mut chosen, &mut room).then(|| {
            chosen.iter().map(|index: &usize| self.families[*index].name.clone()).collect()
        })
    }

    /// Depth first over families in order, each once before any twice. `room` is how many more
    /// replicas may use the reference in each slot.
    fn extend<'a>(
        &'a self,
        step: usize,
        chosen: &mut Vec<usize>,
        room: &mut BTreeMap<&'a SlotPath, usize>,
    ) -> bool {
        if chosen.len() == self.replicas {
            return true;
        }
        let (count, steps) = (self.families.len(), self.families.len() * self.bound);
        if steps - step.min(steps) < self.replicas - chosen.len() {
            return false;
        }
        let family = step % count;
        let missing: Vec<&SlotPath> =
            self.slots.iter().filter(|slot| !self.families[family].has.contains(*slot)).collect();
        if missing.iter().all(|slot| room[*slot] > 0) {
            missing.iter().for_each(|slot| *room.entry(slot).or_default() -= 1);
            chosen.push(family);
            if self.extend(step + 1, chosen, room) {
                return true;
            }
            chosen.pop();
            missing.iter().for_each(|slot| *room.entry(slot).or_default() += 1);
        }
        self.extend(step + 1, chosen, room)
    }

    fn lacks(&self, tolerate: u32) -> Infeasible {
        let need = self.replicas.div_ceil(self.bound);
        let have = |slot: &SlotPath| {
            1 + self.families.iter().filter(|family| family.has.contains(slot)).count()
        };
        let lack = |slot: &SlotPath| Lack { slot: slot.to_string(), have: have(slot), need };
        let mut infeasible: Vec<Lack> =
            self.slots.iter().map(lack).filter(|lack| lack.have < need).collect();
        let families = self.families.len();
        if infeasible.is_empty() && families >= need {
            // There are enough versions of each slot, but no choice of whole families has them.
            let holes = |slot: &&SlotPath| have(slot) <= families.min(need);
            infeasible = self.slots.iter().filter(holes).map(lack).collect();
        }
        let reason = format!(
            "{} replicas that tolerate {tolerate} need {need} families, each in at most {} of \
             them, and there are {families} (the reference counts as one)",
            self.replicas, self.bound
        );
        Infeasible { reason, infeasible }
    }
}
