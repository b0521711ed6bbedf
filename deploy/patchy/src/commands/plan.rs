//! `patchy plan`.

use crate::admission::{OnTheSpot, mixed};
use crate::context::Context;
use crate::exit::Result;
use crate::output::Output;
use crate::report::{Report, table};
use patcher::{Plan, Request, Sharing, check_plan, distinct_compositions};
use serde_json::json;
use std::path::PathBuf;

/// Makes a plan within the sharing bound: no version, and no family, in more replicas than may be
/// faulty. Only versions that the bench accepted as they stand now are taken; those that have no
/// verdict are judged first. Without -o the plan itself is printed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy plan --replicas 4 --seed 7 -o mixed.toml

Exits with 1 and names what is missing if there are too few versions.")]
pub(crate) struct Arguments {
    /// How many replicas
    #[arg(long, value_name = "N")]
    replicas: u32,
    /// How many of them may be faulty [default: as many as N allows]
    #[arg(long, value_name = "F")]
    tolerate: Option<u32>,
    /// How many more may be recovering at once
    #[arg(long, value_name = "K", default_value_t = 0)]
    recovering: u32,
    /// Families to choose from, `reference` included [default: all that may vote]
    #[arg(long, value_name = "A,B,..", value_delimiter = ',')]
    families: Vec<String>,
    /// Give replicas different providers of signature checks and of memory, in equal shares
    #[arg(long)]
    spread_providers: bool,
    /// Equal seeds give equal plans
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Where to write the plan
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    spot: OnTheSpot,
}

pub(crate) fn run(arguments: Arguments, context: &Context) -> Result<Report> {
    let (project, mut inventory) = context.inventory()?;
    let replicas = arguments.replicas;
    let request = Request {
        replicas,
        tolerate: arguments.tolerate,
        recovering: arguments.recovering,
        families: arguments.families,
        components: Vec::new(),
        spread_providers: arguments.spread_providers,
        seed: arguments.seed,
    };
    let output = arguments.output.as_deref().map(|file| Output::open(file, "-o")).transpose()?;
    let plan = mixed(context, &project, &mut inventory, &request, &arguments.spot)
        .map_err(|failure| failure.with_field("replicas", replicas))?;
    let sharing = check_plan(&inventory, &plan)?;
    let toml = plan.to_toml();
    if let Some(output) = output {
        output.write(&toml)?;
    }
    if let Some(note) = tolerates_nothing(&plan) {
        context.note(&note);
    }
    let families: Vec<&str> = plan.replicas.iter().map(|replica| &*replica.family).collect();
    let json = json!({
        "replicas": plan.replicas.len(),
        "tolerate": plan.tolerate,
        "recovering": plan.recovering,
        "max_replicas_sharing_a_version": sharing.max_replicas_sharing_a_version,
        "max_replicas_sharing_a_family": sharing.max_replicas_sharing_a_family,
        "distinct_compositions": distinct_compositions(&inventory, &plan),
        "reference_only": sharing.reference_only,
        "infeasible": [],
        "families": families,
        "file": arguments.output,
    });
    let text = match &arguments.output {
        None => toml,
        Some(file) => format!("{}\nwritten to {}", describe(&plan, &sharing), file.display()),
    };
    Ok(Report::done(json, text))
}

/// What is to be said of a plan whose replicas must all be correct.
pub(crate) fn tolerates_nothing(plan: &Plan) -> Option<String> {
    let need = 4 + 2 * plan.recovering;
    (plan.tolerate == 0).then(|| {
        format!(
            "note: {} replicas tolerate no fault: one faulty replica can break this cluster; to \
             tolerate one takes {need} (3f+2k+1)",
            plan.replicas.len()
        )
    })
}

/// A plan in a few lines.
pub(crate) fn describe(plan: &Plan, sharing: &Sharing) -> String {
    let mut shown = table(["replica", "family", "providers", "other slots"]);
    for replica in &plan.replicas {
        let slots = replica.slots.iter().map(|(slot, family)| format!("{slot} of {family}"));
        let slots = slots.collect::<Vec<_>>().join(", ");
        let providers = replica.providers.values().cloned().collect::<Vec<_>>().join(", ");
        shown.add_row([replica.id.to_string(), replica.family.clone(), providers, slots]);
    }
    let common = match sharing.reference_only.len() {
        0 => "every slot has versions".to_owned(),
        slots => format!("all share the reference in {slots} slots of which there is no version"),
    };
    format!(
        "{shown}\ntolerates {} faulty and {} recovering; at most {} replicas share a version and \
         {} a family; {common}",
        plan.tolerate,
        plan.recovering,
        sharing.max_replicas_sharing_a_version,
        sharing.max_replicas_sharing_a_family,
    )
}

#[cfg(test)]
mod tests {
    use super::tolerates_nothing;
    use patcher::parse_plan;
    use std::path::Path;

    #[test]
    fn a_plan_that_tolerates_nothing_says_so() {
        let plan = |tolerate| {
            let text = format!(
                "format = 1\ntolerate = {tolerate}\n[[replica]]\nid = 1\nfamily = \"reference\"\n"
            );
            parse_plan(Path::new("p.toml"), &text).unwrap()
        };
        let said = tolerates_nothing(&plan(0)).unwrap();
        assert!(said.contains("1 replicas tolerate no fault"), "{said}");
        assert!(said.contains("takes 4 (3f+2k+1)"), "{said}");
        assert_eq!(tolerates_nothing(&plan(1)), None);
    }
}
