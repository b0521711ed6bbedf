//! The programs of the demonstration, all built at once.

use super::Demo;
use super::planting::Planted;
use crate::commands::build::{build_targets, short};
use crate::exit::{Failure, Result};
use crate::report::table;
use patcher::{Built, Kind, Plan, Target, distinct_compositions};
use std::path::PathBuf;

/// What was built.
pub(super) struct Programs {
    /// Of the mixed plan, in order.
    pub(super) mixed: Vec<Built>,
    /// The planted composition.
    pub(super) planted: Built,
    /// How many replicas of the mixed plan differ in more than what the compiler was told.
    pub(super) distinct_compositions: usize,
}

impl Programs {
    pub(super) fn mixed_paths(&self) -> Vec<PathBuf> {
        self.mixed.iter().map(|built| built.path.clone()).collect()
    }
}

pub(super) fn build(demo: &Demo<'_>, plan: &Plan, planted: &Planted) -> Result<Programs> {
    let mut targets = Target::of_plan(plan);
    targets.push(Target { name: "planted".to_owned(), replica: planted.replica_plan()?.clone() });
    let output = demo.stage.folder.join("programs");
    let mut mixed =
        build_targets(&demo.project, &planted.inventory, Kind::Replica, &targets, &output)?;
    let distinct_compositions = distinct_compositions(&planted.inventory, plan);
    let planted = mixed.pop().ok_or_else(|| Failure::internal("nothing was built"))?;
    let mut shown = table(["replica", "family", "composition", "sha256"]);
    for (built, replica) in mixed.iter().zip(&plan.replicas) {
        shown.add_row([
            built.replica.to_string(),
            replica.family.clone(),
            short(&built.composition).to_owned(),
            short(&built.sha256).to_owned(),
        ]);
    }
    demo.say(shown.to_string());
    Ok(Programs { mixed, planted, distinct_compositions })
}
