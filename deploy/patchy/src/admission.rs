//! What may be deployed: versions that the bench accepted as they stand now.
//!
//! Whatever a plan is to take and nobody has judged is judged on the spot, quickly, beside all
//! other versions of its slots. What then is not accepted is refused, unless the plan overrides
//! the verdict by the version's name.

use crate::context::Context;
use crate::exit::Result;
use crate::judge::{Effort, judge};
use crate::verdicts::Store;
use patcher::{
    Inventory, Plan, Project, Refusal, Request, Sharing, VersionFile, check_plan, choice, make_plan,
};
use std::collections::BTreeSet;

/// How quickly versions are judged that nobody has judged.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct OnTheSpot {
    /// How long versions that have no verdict yet are judged, in seconds
    #[arg(long, value_name = "T", default_value_t = 10)]
    pub(crate) check_seconds: u64,
}

/// Makes a plan of versions that are accepted, and judges first those that nobody has judged.
pub(crate) fn mixed(
    context: &Context,
    project: &Project,
    inventory: &mut Inventory,
    request: &Request,
    spot: &OnTheSpot,
) -> Result<Plan> {
    // What no verdict can mend is said at once.
    make_plan(inventory, request)?;
    let asked = |version: &&VersionFile| {
        request.families.is_empty() || request.families.contains(&version.family)
    };
    let candidates = inventory.versions().filter(|version| inventory.is_usable(version));
    let wanted: Vec<VersionFile> = candidates.filter(asked).cloned().collect();
    judge_unjudged(context, project, inventory, &wanted, spot)?;
    inventory.refused = refused(project, inventory)?;
    Ok(make_plan(inventory, request)?)
}

/// Refuses a plan for what is wrong with it whatever the verdicts are.
pub(crate) fn fits(inventory: &Inventory, plan: &Plan) -> Result<()> {
    check_plan(inventory, &Plan { waive_sharing_bound: true, ..plan.clone() })?;
    Ok(())
}

/// Checks a plan that is to be deployed, and judges first what it takes and nobody has judged.
pub(crate) fn admit(
    context: &Context,
    project: &Project,
    inventory: &mut Inventory,
    plan: &Plan,
    spot: &OnTheSpot,
) -> Result<Sharing> {
    fits(inventory, plan)?;
    let overridden = |version: &&VersionFile| {
        let name = version.name();
        plan.override_rejected.contains(&name) || plan.override_unjudged.contains(&name)
    };
    let taken = |version: &&VersionFile| {
        plan.replicas.iter().any(|replica| {
            choice(inventory, replica, &version.slot).is_some_and(|chosen| chosen == *version)
        })
    };
    let wanted = inventory.versions().filter(taken).filter(|version| !overridden(version));
    let wanted: Vec<VersionFile> = wanted.cloned().collect();
    judge_unjudged(context, project, inventory, &wanted, spot)?;
    inventory.refused = refused(project, inventory)?;
    Ok(check_plan(inventory, plan)?)
}

/// Why versions may not be used, by the verdicts that there are.
pub(crate) fn refused(
    project: &Project,
    inventory: &Inventory,
) -> Result<std::collections::BTreeMap<String, Refusal>> {
    let store = Store::new(project, inventory)?;
    let refusal = |version: &VersionFile| Some((version.name(), store.refusal(version)?));
    Ok(inventory.versions().filter_map(refusal).collect())
}

/// Judges those of the versions wanted that have no verdict, each beside all others of its slot.
fn judge_unjudged(
    context: &Context,
    project: &Project,
    inventory: &Inventory,
    wanted: &[VersionFile],
    spot: &OnTheSpot,
) -> Result<()> {
    let store = Store::new(project, inventory)?;
    let unjudged: Vec<&VersionFile> =
        wanted.iter().filter(|version| store.of(version).is_none()).collect();
    if unjudged.is_empty() {
        return Ok(());
    }
    let seconds = spot.check_seconds;
    context.note(&format!(
        "{} versions have no verdict as they stand now: judging them for {seconds} s (`patchy check` \
         takes longer and sees more)",
        unjudged.len()
    ));
    let slots: BTreeSet<_> = unjudged.iter().map(|version| &version.slot).collect();
    let beside = inventory.versions().filter(|version| slots.contains(&version.slot));
    let beside: Vec<VersionFile> = beside.cloned().collect();
    let effort = Effort { seconds: Some(seconds), ..Effort::default() };
    judge(project, inventory, &beside, None, &effort)?;
    Ok(())
}
