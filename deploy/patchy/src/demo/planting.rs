//! The planted bug: a version that panics on one well-formed update, its verdict, and the override
//! without which no plan takes it.

use super::probe::TRIGGER;
use super::{Arguments, Demo};
use crate::commands::check::{beside, verdict_table};
use crate::exit::{Failure, Result};
use crate::judge::{self, Effort};
use patcher::{
    Family, Inventory, Lineage, Plan, Project, ReplicaPlan, Specification, VersionFile, check_plan,
    choice,
};
use slot_syntax::SlotPath;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use verdict::Verdict;

/// The family of the planted version.
const PLANTED: &str = "planted";

/// What was planted, and where.
pub(super) struct Planted {
    /// The project's, and the planted family.
    pub(super) inventory: Inventory,
    pub(super) version: VersionFile,
    /// The mixed plan with the planted version in one replica, and the override.
    pub(super) plan: Plan,
    /// In which.
    pub(super) replica: u32,
    /// Why the plan is refused without the override.
    refusal: String,
}

impl Planted {
    /// The composition of the replica that has it.
    pub(super) fn replica_plan(&self) -> Result<&ReplicaPlan> {
        Ok(self.plan.replica(self.replica)?)
    }
}

/// The text of the planted version, made from the one that the replica has in that slot.
pub(super) fn text(
    project: &Project,
    inventory: &Inventory,
    plan: &Plan,
    arguments: &Arguments,
) -> Result<String> {
    let slot = inventory.slot(&arguments.plant_slot)?;
    let base = choice(inventory, plan.replica(arguments.plant_replica)?, &slot.path);
    let base = base.map(|version| version.text.as_str());
    Ok(patcher::plant(project, inventory, slot, base, TRIGGER)?)
}

/// Plants the version that has this text: in the folder, in the inventory and in the plan.
pub(super) fn plant(
    demo: &Demo<'_>,
    inventory: &Inventory,
    plan: &Plan,
    text: String,
) -> Result<Planted> {
    let (project, replica) = (&demo.project, demo.arguments.plant_replica);
    let slot = inventory.slot(&demo.arguments.plant_slot)?;
    let file = demo.stage.folder.join(PLANTED).join(slot.path.file());
    let folder = file.parent().unwrap_or(&file);
    fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    fs::write(&file, &text).map_err(Failure::file(&file))?;
    let shown = file.strip_prefix(&project.root).unwrap_or(&file);
    let version = VersionFile::new(slot, PLANTED, shown, text);
    let inventory = with_family(inventory, &version);
    let mut plan = with_version(plan, replica, &slot.path);
    let refusal = refusal(&inventory, &plan)?;
    plan.override_rejected.push(version.name());
    if check_plan(&inventory, &plan).is_err() {
        // A slot of which there is no other version: all others share the reference there.
        plan.waive_sharing_bound = true;
        check_plan(&inventory, &plan)?;
    }
    Ok(Planted { inventory, version, plan, replica, refusal })
}

fn with_family(inventory: &Inventory, version: &VersionFile) -> Inventory {
    let mut inventory = inventory.clone();
    let lineage = Lineage {
        name: PLANTED.to_owned(),
        author: "patchy demo".to_owned(),
        written_by: "patchy demo".to_owned(),
        specification: Specification::Contract,
        mandate: "panic on one well-formed update".to_owned(),
        seen: vec!["the version that it was made from".to_owned()],
        date: String::new(),
        votable: false,
        planted: true,
        components: Vec::new(),
    };
    let versions = BTreeMap::from([(version.slot.clone(), version.clone())]);
    let family = Family { lineage, versions, strays: Vec::new() };
    inventory.families.insert(PLANTED.to_owned(), family);
    inventory
}

fn with_version(plan: &Plan, replica: u32, slot: &SlotPath) -> Plan {
    let mut plan = plan.clone();
    for changed in plan.replicas.iter_mut().filter(|changed| changed.id == replica) {
        changed.slots.insert(slot.to_string(), PLANTED.to_owned());
    }
    plan
}

/// Why a plan with the planted version and without an override is refused.
fn refusal(inventory: &Inventory, plan: &Plan) -> Result<String> {
    let Err(errors) = check_plan(inventory, plan) else {
        return Err(Failure::internal("a plan with a planted version was taken without override"));
    };
    let first = errors.0.first().map(|error| error.problem.to_string());
    Ok(first.unwrap_or_default())
}

/// The bench's verdict on the planted version. Random cases hardly contain the trigger.
pub(super) fn judge(demo: &Demo<'_>, planted: &Planted) -> Result<Option<Verdict>> {
    let inventory = without(&planted.inventory);
    let versions = beside(&inventory, planted.version.clone());
    let effort = Effort { seconds: Some(demo.arguments.spot.check_seconds), ..Effort::default() };
    let judged =
        judge::judge(&demo.project, &planted.inventory, &versions, Some(PLANTED), &effort)?;
    let own = judged.report.versions.into_iter().find(|verdict| verdict.family == PLANTED);
    let place = Path::new(&planted.version.file).display();
    demo.say(format!("replica {} gets {} ({place})", planted.replica, planted.version.name()));
    if let Some(verdict) = &own {
        demo.say(verdict_table(std::slice::from_ref(verdict)).to_string());
        if verdict.verdict == verdict::Decision::Accepted {
            demo.say("accepted: none of the random cases held the trigger; no bench finds all");
        }
    }
    Ok(own)
}

fn without(inventory: &Inventory) -> Inventory {
    let mut inventory = inventory.clone();
    inventory.families.remove(PLANTED);
    inventory
}

pub(super) fn show_override(demo: &Demo<'_>, planted: &Planted) {
    demo.say(format!("without an override no plan takes it: {}", planted.refusal));
    demo.say(format!("the plan now says `override-rejected = [\"{}\"]`", planted.version.name()));
}
