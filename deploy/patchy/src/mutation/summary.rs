//! What is told of mutants at the end.

use super::{Adjudications, Fate, Name, Outcome};
use crate::exit::ExitCode;
use crate::report::{Report, table};
use patcher::{Mutant, Project};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many mutants there were, and what became of them.
#[derive(Debug, Default, Serialize)]
struct Counts {
    mutants: usize,
    killed: usize,
    unviable: usize,
    survivors: usize,
    /// Of the survivors.
    adjudicated: usize,
}

impl Counts {
    fn count(&mut self, fate: Fate, adjudicated: bool) {
        self.mutants += 1;
        match fate {
            Fate::Unviable => self.unviable += 1,
            Fate::Killed(_) => self.killed += 1,
            Fate::Survived => {
                self.survivors += 1;
                self.adjudicated += usize::from(adjudicated);
            }
        }
    }
}

/// What is told at the end.
pub(crate) struct Summary {
    pub(crate) outcome: Outcome,
    pub(crate) adjudications: Adjudications,
    /// Mutants before any were chosen.
    pub(crate) made: usize,
    /// What was asked for, by the names of options.
    pub(crate) asked: Value,
    /// Whether all are listed.
    pub(crate) all: bool,
    /// How long it took.
    pub(crate) seconds: f64,
}

/// The name of a mutant.
pub(crate) fn name(mutant: &Mutant) -> Name {
    (mutant.family.clone(), mutant.slot.to_string(), mutant.mutation.clone())
}

impl Summary {
    fn total(&self) -> Counts {
        let mut total = Counts::default();
        for (mutant, fate) in &self.outcome.mutants {
            total.count(*fate, self.reason(mutant).is_some());
        }
        total
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

    /// All of it, and the exit code.
    pub(crate) fn report(&self, project: &Project) -> Report {
        let total = self.total();
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
            "killed": total.killed,
            "killed_by": self.killers(),
            "unviable": total.unviable,
            "survivors": entries(&survivors),
            "open": open.len(),
            "refuted": entries(&refuted),
            "skipped": self.outcome.skipped.iter()
                .map(|(text, why)| json!({ "text": text, "why": why })).collect::<Vec<_>>(),
            "operators": self.operators(),
            "texts": self.texts(),
            "rejected": self.outcome.rejected,
            "seconds": self.seconds,
        });
        for (option, value) in self.asked.as_object().into_iter().flatten() {
            json[option] = value.clone();
        }
        if self.all {
            json["all"] = entries(&self.with(|_, _| true)).into();
        }
        let text = self.text(&open, &refuted, project);
        let fine = open.is_empty() && refuted.is_empty() && self.outcome.rejected.is_empty();
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

    fn operators(&self) -> BTreeMap<&'static str, Counts> {
        let mut rows: BTreeMap<_, Counts> = BTreeMap::new();
        for (mutant, fate) in &self.outcome.mutants {
            let adjudicated = self.reason(mutant).is_some();
            rows.entry(mutant.operator).or_default().count(*fate, adjudicated);
        }
        rows.into_iter().map(|(operator, row)| (operator.name(), row)).collect()
    }

    /// Families with their slots.
    fn texts(&self) -> BTreeMap<&str, BTreeMap<String, Counts>> {
        let mut families: BTreeMap<&str, BTreeMap<String, Counts>> = BTreeMap::new();
        for (mutant, fate) in &self.outcome.mutants {
            let slots = families.entry(&mutant.family).or_default();
            let row = slots.entry(mutant.slot.to_string()).or_default();
            row.count(*fate, self.reason(mutant).is_some());
        }
        families
    }

    fn text(&self, open: &[&Mutant], refuted: &[(&Mutant, Fate)], project: &Project) -> String {
        let mut rows = table(["fault", "mutants", "killed", "unviable", "survivors"]);
        for (name, row) in self.operators() {
            let counts = [row.mutants, row.killed, row.unviable, row.survivors];
            rows.add_row(
                std::iter::once(name.to_owned()).chain(counts.map(|count| count.to_string())),
            );
        }
        let mut lines = vec![rows.to_string()];
        let place = |mutant: &Mutant| {
            let file = project.root.join(&mutant.file);
            format!("{}:{}: {}", project.shown(&file).display(), mutant.line, mutant.mutation)
        };
        lines.extend(self.outcome.rejected.iter().cloned());
        lines.extend(self.outcome.skipped.iter().map(|(text, why)| {
            format!("skipped {text}, which does not compile outside its crate: {why}")
        }));
        let listed = self.with(|_, fate| self.all && fate != Fate::Survived);
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
        let total = self.total();
        let killers = self.killers();
        let killers = killers.iter().map(|(name, count)| format!("{count} by {name}"));
        lines.push(format!(
            "{} of {} mutants judged: {} killed ({}), {} unviable, {} survivors of which \
             {} adjudicated; {:.1} s",
            total.mutants,
            self.made,
            total.killed,
            killers.collect::<Vec<_>>().join(", "),
            total.unviable,
            total.survivors,
            total.adjudicated,
            self.seconds
        ));
        lines.join("\n")
    }
}
