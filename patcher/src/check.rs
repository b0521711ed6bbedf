//! Whether a plan fits its project and holds the sharing bound.

use crate::inventory::{Family, Inventory, REFERENCE, Refusal, VersionFile};
use crate::plan::{Plan, PlanError, PlanErrors, PlanProblem, ReplicaLines, ReplicaPlan};
use slot_syntax::SlotPath;
use std::collections::{BTreeMap, BTreeSet};
use wire::config::MAX_REPLICAS;

/// How widely versions and families are shared by a plan's replicas.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Sharing {
    /// The largest number of replicas with one version of a slot for which the bound is asked.
    pub max_replicas_sharing_a_version: usize,
    /// The largest number of replicas of one family.
    pub max_replicas_sharing_a_family: usize,
    /// Slots for which the sharing bound is not asked: by default those of which no family has a
    /// version that may be used, so that all replicas share the reference there.
    pub reference_only: Vec<String>,
}

/// The version that a replica has of a slot, which may be one of its whole component; `None` is the
/// reference. For the path of a component: the version that it has of the whole, if it has one.
#[must_use]
pub fn choice<'a>(
    inventory: &'a Inventory,
    replica: &ReplicaPlan,
    slot: &SlotPath,
) -> Option<&'a VersionFile> {
    let version =
        |family: &str, path: &SlotPath| inventory.families.get(family)?.versions.get(path);
    match whole(inventory, replica, &slot.component) {
        Some(family) => version(family, &SlotPath::of_component(&*slot.component)),
        None if slot.is_component() => None,
        None => version(replica.family_for(slot), slot),
    }
}

/// The family from which a replica takes a component as a whole, if it does: the one that the plan
/// names for it, else its own, if that has a version of the whole and the plan names none of the
/// component's slots.
fn whole<'a>(
    inventory: &'a Inventory,
    replica: &'a ReplicaPlan,
    component: &str,
) -> Option<&'a str> {
    if let Some(family) = replica.slots.get(component) {
        return Some(family);
    }
    let path = SlotPath::of_component(component);
    let family = inventory.families.get(&replica.family)?;
    let named = |name: &String| name.split('.').next() == Some(component);
    let has = family.versions.contains_key(&path) && !replica.slots.keys().any(named);
    has.then_some(replica.family.as_str())
}

/// Who provides each thing that a replica's program stands on: the plan's choice, else the default.
pub(crate) fn providers(inventory: &Inventory, replica: &ReplicaPlan) -> BTreeMap<String, String> {
    let chosen = |what: &String, default: &str| {
        replica.providers.get(what).map_or_else(|| default.to_owned(), Clone::clone)
    };
    let all = inventory.providers.iter();
    all.map(|(what, known)| (what.clone(), chosen(what, &known.default))).collect()
}

/// How many of a plan's replicas differ in code that people wrote: in the text of a version, or in
/// a provider. What the compiler is told does not count.
#[must_use]
pub fn distinct_compositions(inventory: &Inventory, plan: &Plan) -> usize {
    let made_of = |replica: &ReplicaPlan| {
        let texts = inventory
            .slots
            .keys()
            .map(|slot| choice(inventory, replica, slot).map(|version| version.sha256.clone()));
        (texts.collect::<Vec<_>>(), providers(inventory, replica))
    };
    plan.replicas.iter().map(made_of).collect::<BTreeSet<_>>().len()
}

/// Checks a plan against the project and counts what its replicas share.
///
/// # Errors
///
/// Everything that is wrong, each with its line and mend; see [`PlanProblem`].
pub fn check_plan(inventory: &Inventory, plan: &Plan) -> Result<Sharing, PlanErrors> {
    let mut checker = Checker { inventory, plan, errors: Vec::new() };
    checker.size();
    checker.components();
    checker.overrides();
    for (expected, (index, replica)) in (1..).zip(plan.replicas.iter().enumerate()) {
        let lines = plan.origin.replicas.get(index).cloned().unwrap_or_default();
        if replica.id != expected {
            checker.wrong(lines.id, PlanProblem::Number { id: replica.id, expected });
        }
        checker.replica(replica, &lines);
    }
    // Sharing says little about a plan whose names are wrong.
    if checker.errors.is_empty() && !plan.waive_sharing_bound {
        checker.sharing_bound();
    }
    if checker.errors.is_empty() {
        Ok(sharing(inventory, plan))
    } else {
        Err(PlanErrors(checker.errors))
    }
}

/// Counts what the replicas of a plan share.
#[must_use]
pub fn sharing(inventory: &Inventory, plan: &Plan) -> Sharing {
    let versions = version_users(inventory, plan);
    let families = family_users(plan);
    let bounded = bounded_slots(inventory, &plan.components);
    let unbounded = inventory.slots.keys().filter(|slot| !bounded.contains(slot));
    Sharing {
        max_replicas_sharing_a_version: versions.values().map(Vec::len).max().unwrap_or(0),
        max_replicas_sharing_a_family: families.values().map(Vec::len).max().unwrap_or(0),
        reference_only: unbounded.map(ToString::to_string).collect(),
    }
}

/// The slots for which the sharing bound is asked: all of the given components, or, if none is
/// given, those of which some family has a version that may be used.
pub(crate) fn bounded_slots<'a>(
    inventory: &'a Inventory,
    components: &[String],
) -> BTreeSet<&'a SlotPath> {
    let usable = inventory.versions().filter(|version| inventory.is_usable(version));
    let written: BTreeSet<&SlotPath> = usable
        .flat_map(|version| inventory.covered(&version.slot))
        .map(|slot| &slot.path)
        .collect();
    let bounded = |slot: &&SlotPath| {
        if components.is_empty() {
            written.contains(slot)
        } else {
            components.contains(&slot.component)
        }
    };
    inventory.slots.keys().filter(bounded).collect()
}

/// Indices of the replicas that use each version, by slot and text: two families with equal files
/// count as one version.
fn version_users(inventory: &Inventory, plan: &Plan) -> BTreeMap<(SlotPath, String), Vec<usize>> {
    let mut users: BTreeMap<(SlotPath, String), Vec<usize>> = BTreeMap::new();
    for slot in bounded_slots(inventory, &plan.components) {
        for (index, replica) in plan.replicas.iter().enumerate() {
            let text = choice(inventory, replica, slot)
                .map_or_else(|| REFERENCE.to_owned(), |version| version.sha256.clone());
            users.entry((slot.clone(), text)).or_default().push(index);
        }
    }
    users
}

fn family_users(plan: &Plan) -> BTreeMap<&str, Vec<usize>> {
    let mut users: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, replica) in plan.replicas.iter().enumerate() {
        // The reference fills a family's gaps, named or not: that is counted by the version.
        let filled = replica.slots.values().filter(|family| *family != REFERENCE);
        let named = std::iter::once(&replica.family).chain(filled);
        for family in named.map(String::as_str).collect::<BTreeSet<_>>() {
            users.entry(family).or_default().push(index);
        }
    }
    users
}

struct Checker<'a> {
    inventory: &'a Inventory,
    plan: &'a Plan,
    errors: Vec<PlanError>,
}

impl Checker<'_> {
    fn wrong(&mut self, line: usize, problem: PlanProblem) {
        let file = self.plan.origin.file.clone();
        self.errors.push(PlanError { file, line, problem });
    }

    fn size(&mut self) {
        let Plan { tolerate, recovering, .. } = *self.plan;
        let need = crate::make::replicas_needed(tolerate, recovering);
        let replicas = self.plan.replicas.len();
        if replicas > MAX_REPLICAS {
            self.wrong(1, PlanProblem::TooMany(replicas));
        } else if replicas < need {
            self.wrong(1, PlanProblem::TooFew { replicas, tolerate, recovering, need });
        }
    }

    fn components(&mut self) {
        let known: BTreeSet<&String> =
            self.inventory.slots.keys().map(|slot| &slot.component).collect();
        for (index, name) in self.plan.components.iter().enumerate() {
            if !known.contains(name) {
                let line = self.plan.origin.components.get(index).copied().unwrap_or(0);
                let (name, known) = (name.clone(), known.iter().map(ToString::to_string).collect());
                self.wrong(line, PlanProblem::UnknownComponent { name, known });
            }
        }
    }

    fn overrides(&mut self) {
        let named = self.plan.override_rejected.iter().chain(&self.plan.override_unjudged);
        for (index, name) in named.enumerate() {
            let line = self.plan.origin.overrides.get(index).copied().unwrap_or(0);
            let (family, slot) = name.split_once('/').unwrap_or((name, ""));
            if self.family(line, family) {
                self.slot(line, slot);
            }
        }
    }

    fn family(&mut self, line: usize, name: &str) -> bool {
        let known = &self.inventory.families;
        if name == REFERENCE || known.contains_key(name) {
            return true;
        }
        let known = known.keys().cloned().chain([REFERENCE.to_owned()]).collect();
        self.wrong(line, PlanProblem::UnknownFamily { name: name.to_owned(), known });
        false
    }

    fn slot(&mut self, line: usize, name: &str) -> Option<SlotPath> {
        match self.inventory.path(name) {
            Ok(path) => Some(path),
            Err(_) => {
                let slots = self.inventory.slots.keys().chain(self.inventory.components.keys());
                let known = slots.map(ToString::to_string).collect();
                self.wrong(line, PlanProblem::UnknownSlot { name: name.to_owned(), known });
                None
            }
        }
    }

    fn replica(&mut self, replica: &ReplicaPlan, lines: &ReplicaLines) {
        self.compiler(replica, lines.compiler);
        self.providers(replica, lines);
        let mut known = self.family(lines.family, &replica.family);
        for (slot, family) in &replica.slots {
            let line = lines.slots.get(slot).copied().unwrap_or(0);
            let path = self.slot(line, slot);
            let family_known = self.family(line, family);
            known &= path.is_some() && family_known;
            if let Some(path) = path.as_ref().filter(|path| !path.is_component())
                && replica.slots.contains_key(&path.component)
            {
                let (slot, component) = (slot.clone(), path.component.clone());
                self.wrong(line, PlanProblem::TakenWhole { slot, component });
                known = false;
                continue;
            }
            if let Some(path) = path
                && family_known
                && family != REFERENCE
                && choice(self.inventory, replica, &path).is_none()
            {
                let (family, slot) = (family.clone(), slot.clone());
                self.wrong(line, PlanProblem::NoVersion { family, slot });
                known = false;
            }
        }
        if known {
            self.versions(replica, lines);
        }
    }

    fn compiler(&mut self, replica: &ReplicaPlan, line: usize) {
        let compiler = &replica.compiler;
        if compiler.opt_level > 3 {
            let text = format!("`opt-level = {}`: use 0 to 3", compiler.opt_level);
            self.wrong(line, PlanProblem::Compiler(text));
        }
        if compiler.codegen_units == 0 {
            let text = "`codegen-units = 0`: use 1 or more".to_owned();
            self.wrong(line, PlanProblem::Compiler(text));
        }
    }

    fn providers(&mut self, replica: &ReplicaPlan, lines: &ReplicaLines) {
        for (what, provider) in &replica.providers {
            let line = lines.providers.get(what).copied().unwrap_or(0);
            let names = |names: Vec<&String>| {
                names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            };
            let (what, name) = (what.clone(), provider.clone());
            match self.inventory.providers.get(&what) {
                None => {
                    let known = names(self.inventory.providers.keys().collect());
                    self.wrong(line, PlanProblem::UnknownProvided { what, known });
                }
                Some(known) if !known.types.contains_key(provider) => {
                    let known = names(known.types.keys().collect());
                    self.wrong(line, PlanProblem::UnknownProvider { what, name, known });
                }
                Some(_) => {}
            }
        }
    }

    fn versions(&mut self, replica: &ReplicaPlan, lines: &ReplicaLines) {
        let mut seen = BTreeSet::new();
        for slot in self.inventory.slots.keys() {
            let Some(version) = choice(self.inventory, replica, slot) else { continue };
            if !seen.insert(&version.slot) {
                // One of a whole component, met at its first slot.
                continue;
            }
            let named = lines.slots.get(&version.slot.to_string());
            let line = named.copied().unwrap_or(lines.family);
            if let Err(errors) = &version.fit {
                let reason = errors.0.first().map(ToString::to_string).unwrap_or_default();
                self.wrong(line, PlanProblem::Unfit { version: version.name(), reason });
            }
            if let Some(problem) = self.refusal(version) {
                self.wrong(line, problem);
            }
        }
    }

    /// Why a version is refused, unless the plan overrides it.
    fn refusal(&self, version: &VersionFile) -> Option<PlanProblem> {
        let name = version.name();
        if self.plan.override_rejected.contains(&name) {
            return None;
        }
        let votable = self.inventory.families.get(&version.family).is_none_or(Family::may_vote);
        if !votable {
            return Some(PlanProblem::NotVotable(name));
        }
        let slot = version.slot.to_string();
        let overridden = self.plan.override_unjudged.contains(&name);
        match self.inventory.refused.get(&name)? {
            Refusal::Rejected(by) => {
                Some(PlanProblem::Rejected { version: name, slot, by: by.clone() })
            }
            Refusal::Undecided(why) if !overridden => {
                Some(PlanProblem::Undecided { version: name, slot, why: why.clone() })
            }
            Refusal::Unjudged if !overridden => Some(PlanProblem::Unjudged { version: name, slot }),
            Refusal::Undecided(_) | Refusal::Unjudged => None,
        }
    }

    fn sharing_bound(&mut self) {
        let bound = crate::make::sharing_bound(self.plan.tolerate);
        let line = |users: &[usize]| {
            let last = users.last().and_then(|index| self.plan.origin.replicas.get(*index));
            last.map_or(0, |lines| lines.family)
        };
        let mut found = Vec::new();
        for (family, users) in family_users(self.plan) {
            if users.len() > bound {
                let (family, sharing) = (family.to_owned(), users.len());
                found.push((line(&users), PlanProblem::SharedFamily { family, sharing, bound }));
            }
        }
        // One family too often says already that its versions are.
        if found.is_empty() {
            for ((slot, _), users) in version_users(self.inventory, self.plan) {
                if users.len() > bound {
                    let first = users.first().and_then(|index| self.plan.replicas.get(*index));
                    let family = first
                        .and_then(|replica| choice(self.inventory, replica, &slot))
                        .map_or(REFERENCE, |version| &version.family);
                    let of = first.and_then(|replica| choice(self.inventory, replica, &slot));
                    let of = of.map_or(&slot, |version| &version.slot);
                    let version = format!("{family}/{of}");
                    let sharing = users.len();
                    let problem = PlanProblem::SharedVersion { version, sharing, bound };
                    found.push((line(&users), problem));
                }
            }
        }
        for (line, problem) in found {
            self.wrong(line, problem);
        }
    }
}
