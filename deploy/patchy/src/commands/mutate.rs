//! `patchy mutate`.

use crate::context::Context;
use crate::exit::{ExitCode, Failure, Result};
use crate::mutation::{Adjudications, Effort, FILE, Fate, Name, Outcome, run as judge_mutants};
use crate::report::{Report, table};
use patcher::{Inventory, Mutant, Mutated, Mutator, Project, REFERENCE, sample};
use serde_json::{Value, json};
use slot_syntax::Slot;
use std::collections::{BTreeMap, BTreeSet};
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

Exits with 0 if every survivor is adjudicated, and with 2 if not, or if the bench kills one that
was adjudicated.")]
pub(crate) struct Arguments {
    /// Only this slot, as component.slot, or this component
    #[arg(long, value_name = "S")]
    slot: Option<String>,
    /// Mutate this family's versions [default: the reference's slots]
    #[arg(long, value_name = "F")]
    family: Option<String>,
    /// Only so many mutants, chosen by --seed
    #[arg(long, value_name = "N", requires = "seed")]
    sample: Option<usize>,
    /// Chooses the sample
    #[arg(long, value_name = "S", requires = "sample")]
    seed: Option<u64>,
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
}

/// Decides the bench's inputs: the same for all mutants, and for everybody.
const INPUTS: u64 = 1;

pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<Report> {
    let start = Instant::now();
    let (project, inventory) = context.inventory()?;
    let family = arguments.family.as_deref().unwrap_or(REFERENCE);
    if family != REFERENCE {
        inventory.family(family)?;
    }
    let slots = chosen(&inventory, arguments.slot.as_deref())?;
    let adjudications = Adjudications::read(&project.root.join(FILE), &inventory)?;
    let mutator = Mutator::new(&project, &inventory)?;
    let mut texts = Vec::new();
    for slot in slots {
        texts.extend(mutated(&mutator, &inventory, family, slot)?);
    }
    check(&adjudications, &mutator, &inventory, &texts)?;
    let mutants: Vec<Mutant> = texts.iter().flat_map(|text| text.mutants.clone()).collect();
    if mutants.is_empty() {
        return Err(Failure::usage(format!(
            "{family} has nothing to mutate that the bench can judge: name another slot or family"
        )));
    }
    let made = mutants.len();
    let mutants = match (arguments.sample, arguments.seed) {
        (Some(amount), Some(seed)) => sample(mutants, amount, seed),
        _ => mutants,
    };
    context.note(&format!("{made} mutants of {} slots, {} to judge", texts.len(), mutants.len()));
    let Arguments { cases, seconds, .. } = *arguments;
    let effort = Effort { cases, seconds, seed: INPUTS };
    let outcome = judge_mutants(&project, &inventory, &texts, mutants, &effort)?;
    let summary = Summary { outcome, adjudications, made, seconds: start.elapsed().as_secs_f64() };
    Ok(summary.report(arguments, &project))
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

fn name(mutant: &Mutant) -> Name {
    (mutant.family.clone(), mutant.slot.to_string(), mutant.mutation.clone())
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

/// What is told at the end.
struct Summary {
    outcome: Outcome,
    adjudications: Adjudications,
    /// Mutants before a sample was drawn.
    made: usize,
    seconds: f64,
}

impl Summary {
    fn count(&self, is: impl Fn(&Fate) -> bool) -> usize {
        self.outcome.mutants.iter().filter(|(_, fate)| is(fate)).count()
    }

    fn reason(&self, mutant: &Mutant) -> Option<&str> {
        self.adjudications.of(&name(mutant))
    }

    fn entry(&self, mutant: &Mutant, fate: Fate) -> Value {
        let fate = match fate {
            Fate::Unviable => "unviable",
            Fate::Killed(killer) => killer.name(),
            Fate::Survived => "survived",
        };
        json!({
            "family": mutant.family,
            "slot": mutant.slot.to_string(),
            "file": mutant.file,
            "line": mutant.line,
            "operator": mutant.operator.name(),
            "mutation": mutant.mutation,
            "adjudication": self.reason(mutant),
            "fate": fate,
        })
    }

    fn with(&self, is: impl Fn(&Mutant, Fate) -> bool) -> Vec<(&Mutant, Fate)> {
        let all = self.outcome.mutants.iter().map(|(mutant, fate)| (mutant, *fate));
        all.filter(|(mutant, fate)| is(mutant, *fate)).collect()
    }

    fn report(&self, arguments: &Arguments, project: &Project) -> Report {
        let unviable = self.count(|fate| *fate == Fate::Unviable);
        let killed = self.count(|fate| matches!(fate, Fate::Killed(_)));
        let survivors = self.with(|_, fate| fate == Fate::Survived);
        let open = survivors.iter().filter(|(mutant, _)| self.reason(mutant).is_none());
        let open: Vec<&Mutant> = open.map(|(mutant, _)| *mutant).collect();
        // That only took long proves nothing.
        let refuted = self.with(|mutant, fate| {
            let killed = matches!(fate, Fate::Killed(killer) if killer.proves());
            killed && self.reason(mutant).is_some()
        });
        let entries = |listed: &[(&Mutant, Fate)]| -> Vec<Value> {
            listed.iter().map(|(mutant, fate)| self.entry(mutant, *fate)).collect()
        };
        let mut json = json!({
            "mutants": self.outcome.mutants.len(),
            "made": self.made,
            "killed": killed,
            "killed_by": self.killers(),
            "unviable": unviable,
            "survivors": entries(&survivors),
            "open": open.len(),
            "refuted": entries(&refuted),
            "skipped": self.outcome.skipped.iter()
                .map(|(text, why)| json!({ "text": text, "why": why })).collect::<Vec<_>>(),
            "operators": self.operators(),
            "sample": arguments.sample,
            "seed": arguments.seed,
            "cases": arguments.cases,
            "seconds": self.seconds,
        });
        if arguments.all {
            json["all"] = entries(&self.with(|_, _| true)).into();
        }
        let text = self.text(arguments.all, &open, &refuted, project);
        let fine = open.is_empty() && refuted.is_empty();
        Report::done(json, text).with_code(if fine { ExitCode::Done } else { ExitCode::Divergence })
    }

    fn killers(&self) -> BTreeMap<&'static str, usize> {
        let mut killers = BTreeMap::new();
        for (_, fate) in &self.outcome.mutants {
            if let Fate::Killed(killer) = fate {
                *killers.entry(killer.name()).or_default() += 1;
            }
        }
        killers
    }

    fn operators(&self) -> BTreeMap<&'static str, Value> {
        let names: BTreeSet<_> =
            self.outcome.mutants.iter().map(|(mutant, _)| mutant.operator).collect();
        let row = |operator: patcher::Operator| {
            let count = |is: &dyn Fn(Fate) -> bool| {
                self.with(|mutant, fate| mutant.operator == operator && is(fate)).len()
            };
            let row = json!({
                "mutants": count(&|_| true),
                "killed": count(&|fate| matches!(fate, Fate::Killed(_))),
                "unviable": count(&|fate| fate == Fate::Unviable),
                "survivors": count(&|fate| fate == Fate::Survived),
            });
            (operator.name(), row)
        };
        names.into_iter().map(row).collect()
    }

    fn text(
        &self,
        all: bool,
        open: &[&Mutant],
        refuted: &[(&Mutant, Fate)],
        project: &Project,
    ) -> String {
        let mut rows = table(["fault", "mutants", "killed", "unviable", "survivors"]);
        for (name, row) in self.operators() {
            let cell = |field: &str| row[field].to_string();
            rows.add_row([
                name.to_owned(),
                cell("mutants"),
                cell("killed"),
                cell("unviable"),
                cell("survivors"),
            ]);
        }
        let mut lines = vec![rows.to_string()];
        let place = |mutant: &Mutant| {
            let file = project.root.join(&mutant.file);
            format!("{}:{}: {}", project.shown(&file).display(), mutant.line, mutant.mutation)
        };
        lines.extend(self.outcome.skipped.iter().map(|(text, why)| {
            format!("skipped {text}, which does not compile outside its crate: {why}")
        }));
        let listed = self.with(|_, fate| all && fate != Fate::Survived);
        lines.extend(listed.iter().map(|(mutant, fate)| match fate {
            Fate::Killed(killer) => format!("killed by {}: {}", killer.name(), place(mutant)),
            _ => format!("unviable: {}", place(mutant)),
        }));
        for (mutant, _) in self.with(|_, fate| fate == Fate::Survived) {
            lines
                .extend(self.reason(mutant).map(|reason| {
                    format!("adjudicated: {}\n    {}", place(mutant), reason.trim())
                }));
        }
        lines.extend(open.iter().map(|mutant| format!("survivor: {}", place(mutant))));
        lines.extend(refuted.iter().map(|(mutant, _)| {
            format!("killed though adjudicated, so the reason is wrong: {}", place(mutant))
        }));
        let survivors = self.count(|fate| *fate == Fate::Survived);
        let killers = self.killers();
        let killers = killers.iter().map(|(name, count)| format!("{count} by {name}"));
        lines.push(format!(
            "{} of {} mutants judged: {} killed ({}), {} unviable, {survivors} survivors of which \
             {} adjudicated; {:.1} s",
            self.outcome.mutants.len(),
            self.made,
            self.count(|fate| matches!(fate, Fate::Killed(_))),
            killers.collect::<Vec<_>>().join(", "),
            self.count(|fate| *fate == Fate::Unviable),
            survivors - open.len(),
            self.seconds
        ));
        lines.join("\n")
    }
}
