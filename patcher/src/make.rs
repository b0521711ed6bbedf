//! Making a plan within the sharing bound, or saying what is missing for one.
//!
//! The bound: no version, and no family, in more than f replicas. The reference counts as a
//! family. It is asked for slots of which some family has a version that may be used; the others
//! stay the reference's in every replica and are reported as such. Where a family's version may
//! not be used, the plan says that the reference stands for it.

use crate::check::bounded_slots;
use crate::error::Result;
use crate::inventory::{Family, Inventory, REFERENCE, VersionFile};
use crate::plan::{Compiler, FORMAT, Origin, Plan, PlanProblem, ReplicaPlan};
use crate::project::Providers;
use crate::random::Random;
use serde::Serialize;
use slot_syntax::SlotPath;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;
use wire::config::MAX_REPLICAS;

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
    /// slots alone of which some family has a version that may be used.
    pub components: Vec<String>,
    /// Whether providers are spread over the replicas. Else every replica has the defaults: as long as
    /// there are fewer of a kind than the sharing bound asks for, spreading them costs speed and does
    /// not make a fault in one survivable.
    pub spread_providers: bool,
    /// Equal seeds give equal plans.
    pub seed: u64,
}

/// No plan holds the sharing bound.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize)]
#[error("{reason}{}{mend}", lacking(.infeasible))]
pub struct Infeasible {
    /// Why.
    pub reason: String,
    /// Slots with too few versions.
    pub infeasible: Vec<Lack>,
    /// What can be done.
    #[serde(skip)]
    pub mend: String,
}

impl Infeasible {
    /// The numbers alone make it so.
    fn by_numbers(reason: String) -> Self {
        Self { reason, infeasible: Vec::new(), mend: String::new() }
    }
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
    /// Versions beside these that do not fit or are refused, as `family/component.slot`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unusable: Vec<String>,
}

fn lacking(lacks: &[Lack]) -> String {
    let named = lacks.iter().take(3).map(|lack| {
        format!("`{}` has {} of {} versions{}", lack.slot, lack.have, lack.need, beside(lack))
    });
    let text = named.collect::<Vec<_>>().join(", ");
    match lacks.len() {
        0 => String::new(),
        1..=3 => format!(": {text}"),
        more => format!(": {text}, and {} more slots", more - 3),
    }
}

fn beside(lack: &Lack) -> String {
    match lack.unusable.as_slice() {
        [] => String::new(),
        unusable => format!(
            " (not counted, see `patchy check --slot {}`: {})",
            lack.slot,
            unusable.join(", ")
        ),
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
    if replicas > MAX_REPLICAS {
        let reason = PlanProblem::TooMany(replicas).to_string();
        return Err(Infeasible::by_numbers(reason).into());
    }
    let tolerate = tolerate(request);
    let need = replicas_needed(tolerate, request.recovering);
    if replicas < need || replicas == 0 {
        let reason = format!(
            "{replicas} replicas cannot tolerate {tolerate} while {} recover: that takes {need} \
             (3f+2k+1); ask for that many, or tolerate less",
            request.recovering
        );
        return Err(Infeasible::by_numbers(reason).into());
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
    let votes = |version: &VersionFile| {
        inventory.families.get(&version.family).is_some_and(Family::may_vote)
    };
    let may_not = |version: &&VersionFile| votes(version) && !inventory.is_usable(version);
    let unusable = inventory.versions().filter(may_not);
    let unusable = unusable.flat_map(|version| {
        inventory.covered(&version.slot).map(|slot| (slot.path.clone(), version.name()))
    });
    let unusable = unusable.collect();
    let search = Search { unusable, families, slots, replicas, bound: sharing_bound(tolerate) };
    let Some(mut chosen) = search.run() else {
        return Err(search.lacks(tolerate, request.recovering).into());
    };
    random.shuffle(&mut chosen);
    let mut providers = if request.spread_providers {
        spread(inventory, replicas, &mut random)
    } else {
        let default = |(what, known): (&String, &Providers)| (what.clone(), known.default.clone());
        vec![inventory.providers.iter().map(default).collect(); replicas]
    }
    .into_iter();
    let replica = |(index, family): (u32, String)| {
        // Layout differs between replicas at no cost: equal families never make equal binaries.
        let compiler = Compiler {
            section_shuffle: Some(u32::try_from(random.next() >> 33).unwrap_or(1)),
            ..Compiler::default()
        };
        let slots = filled(inventory, &family);
        let providers = providers.next().unwrap_or_default();
        ReplicaPlan { compiler, slots, providers, ..ReplicaPlan::of_family(index, &family) }
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
        override_unjudged: Vec::new(),
        replicas,
        origin: Origin::default(),
    })
}

fn tolerate(request: &Request) -> u32 {
    let beside = request.recovering.saturating_mul(2).saturating_add(1);
    let most = request.replicas.saturating_sub(beside) / 3;
    request.tolerate.unwrap_or(most)
}

/// Providers for each replica: of everything each provider equally often, and no combination twice
/// before all have been there.
fn spread(
    inventory: &Inventory,
    replicas: usize,
    random: &mut Random,
) -> Vec<BTreeMap<String, String>> {
    let mut spread = vec![BTreeMap::new(); replicas];
    let mut stride = 1;
    for (what, known) in &inventory.providers {
        let mut names: Vec<&String> = match known.spread {
            true => known.types.keys().collect(),
            false => vec![&known.default],
        };
        random.shuffle(&mut names);
        for (index, chosen) in spread.iter_mut().enumerate() {
            let name = names[index / stride % names.len()];
            chosen.insert(what.clone(), name.clone());
        }
        stride *= names.len();
    }
    random.shuffle(&mut spread);
    spread
}

/// What a plan has to say where versions of a family may not be used: the reference stands for them,
/// and for the version of a whole component those of its slots that may be.
fn filled(inventory: &Inventory, family: &str) -> BTreeMap<String, String> {
    let Some(Family { versions, .. }) = inventory.families.get(family) else {
        return BTreeMap::new();
    };
    let usable = |path: &SlotPath| versions.get(path).is_some_and(|it| inventory.is_usable(it));
    let mut filled = BTreeMap::new();
    for slot in inventory.slots.keys() {
        let whole = SlotPath::of_component(&*slot.component);
        let apart = versions.contains_key(&whole) && !usable(&whole);
        let from = if usable(slot) { family } else { REFERENCE };
        if apart || (!usable(&whole) && versions.contains_key(slot) && from == REFERENCE) {
            filled.insert(slot.to_string(), from.to_owned());
        }
    }
    filled
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
        if all || names.contains(name.as_str()) {
            let usable = family.versions.values().filter(|version| inventory.is_usable(version));
            let has = usable.flat_map(|version| inventory.covered(&version.slot));
            let has: BTreeSet<SlotPath> = has.map(|slot| slot.path.clone()).collect();
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
    /// Versions that may not be used, with their slots.
    unusable: Vec<(SlotPath, String)>,
    replicas: usize,
    bound: usize,
}

impl Search {
    /// One family a replica, or `None`. Uses the families as evenly as can be, complete ones first.
    fn run(&self) -> Option<Vec<String>> {
        let evenest = self.replicas.div_ceil(self.families.len().max(1));
        let counts = (evenest..=self.bound).find_map(|most| {
            let mut room: Vec<usize> = vec![self.bound; self.slots.len()];
            let mut counts = Vec::new();
            self.extend(most, self.replicas, &mut counts, &mut room).then_some(counts)
        })?;
        let names = self.families.iter().zip(counts);
        Some(names.flat_map(|(family, count)| vec![family.name.clone(); count]).collect())
    }

    /// Depth first over families in order, each as often as it can be. `left` is how many replicas
    /// have none yet, `room` how many more of them may use the reference in each slot.
    fn extend(
        &self,
        most: usize,
        left: usize,
        counts: &mut Vec<usize>,
        room: &mut Vec<usize>,
    ) -> bool {
        let Some((family, rest)) = self.families.get(counts.len()..).and_then(<[_]>::split_first)
        else {
            return left == 0;
        };
        let missing: Vec<bool> = self.slots.iter().map(|slot| !family.has.contains(slot)).collect();
        let room_for = |(missing, room): (&bool, &usize)| missing.then_some(*room);
        let fits = missing.iter().zip(&*room).filter_map(room_for).min().unwrap_or(usize::MAX);
        for count in (0..=left.min(most).min(fits)).rev() {
            let take = |room: &mut Vec<usize>, back: bool| {
                for (room, _) in room.iter_mut().zip(&missing).filter(|(_, missing)| **missing) {
                    *room = if back { *room + count } else { *room - count };
                }
            };
            take(room, false);
            counts.push(count);
            if self.may_end(rest, most, left - count, room)
                && self.extend(most, left - count, counts, room)
            {
                return true;
            }
            counts.pop();
            take(room, true);
        }
        false
    }

    /// Whether the families still to come can serve `left` replicas as far as single slots tell.
    fn may_end(&self, rest: &[Candidate], most: usize, left: usize, room: &[usize]) -> bool {
        self.slots.iter().zip(room).all(|(slot, room)| {
            let have = rest.iter().filter(|family| family.has.contains(slot)).count();
            let lack = rest.len() - have;
            left <= most * have + (most * lack).min(*room)
        })
    }

    fn unusable_of(&self, slot: &SlotPath) -> Vec<String> {
        let of_slot = self.unusable.iter().filter(|(of, _)| of == slot);
        of_slot.map(|(_, name)| name.clone()).collect()
    }

    fn lacks(&self, tolerate: u32, recovering: u32) -> Infeasible {
        let need = self.replicas.div_ceil(self.bound);
        let have = |slot: &SlotPath| {
            1 + self.families.iter().filter(|family| family.has.contains(slot)).count()
        };
        let lack = |slot: &SlotPath| Lack {
            slot: slot.to_string(),
            have: have(slot),
            need,
            unusable: self.unusable_of(slot),
        };
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
        let mend = mend(need, families, families * self.bound, tolerate, recovering);
        Infeasible { reason, infeasible, mend }
    }
}

/// What can be done where `need` families are needed and `families` are there, which serve `most`
/// replicas; nothing is said where single slots lack versions.
fn mend(need: usize, families: usize, most: usize, tolerate: u32, recovering: u32) -> String {
    if families >= need {
        return String::new();
    }
    let write = match need - families {
        1 => "have another family written".to_owned(),
        more => format!("have {more} more families written"),
    };
    let write = format!("; {write} (`patchy prompt` says how)");
    let spare = |recovering: &u32| replicas_needed(tolerate, *recovering) <= most;
    match (0..=recovering).rev().find(spare) {
        Some(fewer) if fewer == recovering => {
            format!("{write}, or ask for at most {most} replicas")
        }
        Some(fewer) => {
            let replicas = replicas_needed(tolerate, fewer);
            format!("{write}, or ask for {replicas} replicas of which {fewer} may recover")
        }
        None => write,
    }
}
