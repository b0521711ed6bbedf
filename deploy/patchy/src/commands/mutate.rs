//! `patchy mutate`.

use crate::context::Context;
use crate::exit::{Failure, Result};
use crate::mutation::{
    Adjudications, Effort, FILE, Name, Outcome, Summary, name, run as judge_mutants,
};
use crate::report::Report;
use crate::shard::Shard;
use patcher::{Inventory, Mutant, Mutated, Mutator, REFERENCE, sample};
use slot_syntax::Slot;
use std::collections::BTreeSet;
use std::time::Instant;
use verdict::is_benched;

/// Would the bench notice a small fault? Makes mutants of the reference's slots, or of a family's
/// versions, lets the bench judge each, and lists those that it did not notice.
///
/// A survivor is either the same for everybody, or shows what bench or oracle do not look at. Which
/// it is, a person says once: with a better input or oracle, or in equivalence/adjudications.toml
/// with the reason.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy mutate --slot pre_order --sample 40 --seed 1
         patchy mutate --family all --shard 3/20 --json

Exits with 0 if every survivor is adjudicated, and with 2 if not, if the bench kills one that was
adjudicated, or if it rejects what has no fault.")]
pub(crate) struct Arguments {
    /// Only this slot, as component.slot, or this component
    #[arg(long, value_name = "S")]
    slot: Option<String>,
    /// Mutate this family's versions; `all` are the reference's slots and every family's versions
    /// [default: the reference's slots]
    #[arg(long, value_name = "F")]
    family: Option<String>,
    /// Only so many mutants, chosen by --seed
    #[arg(long, value_name = "N", requires = "seed")]
    sample: Option<usize>,
    /// Chooses the sample
    #[arg(long, value_name = "S", requires = "sample")]
    seed: Option<u64>,
    /// Only the I-th of N parts of the mutants, as I/N: all parts together are all mutants
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// How many cases each mutant gets at most
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    cases: u64,
    /// How long each mutant is looked at, at most
    #[arg(long, value_name = "T", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// List the killed and the unviable ones too
    #[arg(long)]
    all: bool,
    /// Judge nothing: count mutants, and see whether there is one for every adjudication
    #[arg(long)]
    dry_run: bool,
}

/// Decides the bench's inputs: the same for all mutants, and for everybody.
const INPUTS: u64 = 1;

/// What stands for the reference and every family.
const EVERYBODY: &str = "all";

pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<Report> {
    let start = Instant::now();
    let (project, inventory) = context.inventory()?;
    let families = families(&inventory, arguments.family.as_deref())?;
    let slots = chosen(&inventory, arguments.slot.as_deref())?;
    let adjudications = Adjudications::read(&project.root.join(FILE), &inventory)?;
    let mutator = Mutator::new(&project, &inventory)?;
    let mut texts = Vec::new();
    for family in &families {
        for slot in &slots {
            texts.extend(mutated(&mutator, &inventory, family, slot)?);
        }
    }
    check(&adjudications, &mutator, &inventory, &texts)?;
    let mutants: Vec<Mutant> = texts.iter().flat_map(|text| text.mutants.clone()).collect();
    if mutants.is_empty() {
        return Err(Failure::usage(format!(
            "{} has nothing to mutate that the bench can judge: name another slot or family",
            families.join(", ")
        )));
    }
    let made = mutants.len();
    let mutants = match (arguments.sample, arguments.seed) {
        (Some(amount), Some(seed)) => sample(mutants, amount, seed),
        _ => mutants,
    };
    let mutants = match arguments.shard {
        Some(shard) => shard.of(mutants),
        None => mutants,
    };
    context.note(&format!("{made} mutants of {} texts, {} to judge", texts.len(), mutants.len()));
    let Arguments { cases, seconds, .. } = *arguments;
    let effort = Effort { cases, seconds, seed: INPUTS };
    let outcome = if arguments.dry_run {
        Outcome::default()
    } else {
        judge_mutants(&project, &inventory, &texts, &mutants, &effort)?
    };
    let asked = serde_json::json!({
        "sample": arguments.sample,
        "seed": arguments.seed,
        "shard": arguments.shard.map(|shard| shard.to_string()),
        "cases": cases,
    });
    let seconds = start.elapsed().as_secs_f64();
    let summary = Summary { outcome, adjudications, made, asked, all: arguments.all, seconds };
    Ok(summary.report(&project))
}

/// Whose texts are asked for, the reference's first.
fn families<'a>(inventory: &'a Inventory, named: Option<&'a str>) -> Result<Vec<&'a str>> {
    Ok(match named {
        None | Some(REFERENCE) => vec![REFERENCE],
        Some(EVERYBODY) => {
            let all = inventory.families.keys().map(String::as_str);
            std::iter::once(REFERENCE).chain(all).collect()
        }
        Some(family) => {
            inventory.family(family)?;
            vec![family]
        }
    })
}

/// The slots asked for that the bench can judge.
fn chosen<'a>(inventory: &'a Inventory, named: Option<&str>) -> Result<Vec<&'a Slot>> {
    let slots: Vec<&Slot> = match named {
        Some(name) => inventory.slots_named(name)?,
        None => inventory.slots.values().collect(),
    };
    let benched =
        slots.into_iter().filter(|slot| is_benched(&slot.path.component, &slot.path.name));
    Ok(benched.collect())
}

/// The mutants of one text; `None` if the family has no version there.
fn mutated(
    mutator: &Mutator<'_>,
    inventory: &Inventory,
    family: &str,
    slot: &Slot,
) -> Result<Option<Mutated>> {
    if family == REFERENCE {
        return Ok(Some(mutator.reference(slot)?));
    }
    let version = inventory.family(family)?.versions.get(&slot.path);
    let version = version.filter(|version| version.fit.is_ok());
    Ok(version.map(|version| mutator.version(version)).transpose()?)
}

/// Refuses adjudications of mutants that there are not, of these texts or of any other.
fn check(
    adjudications: &Adjudications,
    mutator: &Mutator<'_>,
    inventory: &Inventory,
    texts: &[Mutated],
) -> Result<()> {
    let mut names: BTreeSet<Name> =
        texts.iter().flat_map(|text| text.mutants.iter().map(name)).collect();
    let known: BTreeSet<(String, String)> =
        texts.iter().map(|text| (text.family.clone(), text.slot.to_string())).collect();
    let others: BTreeSet<(&str, &str)> = adjudications.texts().collect();
    for (family, slot) in others {
        if !known.contains(&(family.to_owned(), slot.to_owned())) {
            let text = mutated(mutator, inventory, family, inventory.slot(slot)?)?;
            names.extend(text.iter().flat_map(|text| text.mutants.iter().map(name)));
        }
    }
    adjudications.check(|name| names.contains(name))
}
