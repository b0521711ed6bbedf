//! `patchy risk`.

use crate::commands::check::text;
use crate::commands::ledger::matrix;
use crate::context::Context;
use crate::exit::{Failure, Result};
use crate::ledger::{Matrix, Mutants};
use crate::report::{Report, table};
use figures::{
    BadRow, Clusters, Coincidence, Difficulty, Estimate, Failures, Families, Forced, Method,
    Question,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// How likely is it that more versions of a cluster fail together than it tolerates? Told from
/// which versions failed on which inputs: every version was run on the same inputs, and those
/// without a row never failed.
///
/// Versions are numbered from 0 or from 1, inputs from 0. A cluster is made of distinct versions.
/// Intervals are 95 %; the one of `p_more_than_f` is had by drawing the inputs again.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy risk --failures failures.csv --versions 48 --inputs 1000000 --replicas 4 --tolerate 1

The file begins with the line `version,input`; each line below it is one failure. What it tells
holds for inputs like those: say beside every figure where the failures come from.")]
pub(crate) struct Arguments {
    /// The versions of this plan
    #[arg(value_name = "PLAN", conflicts_with = "failures")]
    plan: Option<PathBuf>,
    /// Which versions failed on which inputs
    #[arg(long, value_name = "CSV", required_unless_present = "plan")]
    failures: Option<PathBuf>,
    /// How many versions there are
    #[arg(long, value_name = "N", required_unless_present = "plan")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    versions: Option<u32>,
    /// How many inputs all of them were run on
    #[arg(long, value_name = "M", required_unless_present = "plan")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1 << 50))]
    inputs: Option<u64>,
    /// How many versions a cluster is made of
    #[arg(long, value_name = "n", required_unless_present = "plan")]
    replicas: Option<u32>,
    /// How many of them may fail on one input
    #[arg(long, value_name = "f", required_unless_present = "plan")]
    tolerate: Option<u32>,
    /// Whose each version is, in a file that begins with the line `version,family`
    #[arg(long, value_name = "CSV", requires = "failures")]
    families: Option<PathBuf>,
    /// Equal seeds give equal figures
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// How often inputs are drawn again, and clusters, where there are too many to count
    #[arg(long, value_name = "K", default_value_t = 10_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    samples: u32,
}

pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<Report> {
    let Arguments { seed, samples, .. } = *arguments;
    match (arguments, arguments.plan.as_deref()) {
        (_, Some(plan)) => of_plan(plan, seed, samples, context),
        (
            Arguments {
                failures: Some(file),
                versions: Some(versions),
                inputs: Some(inputs),
                replicas: Some(replicas),
                tolerate: Some(tolerate),
                ..
            },
            None,
        ) => {
            let failures = Failures::parse(&text(file)?, *versions, *inputs);
            let failures = failures.map_err(|bad| in_file(file, &bad))?;
            let question = Question { replicas: *replicas, tolerate: *tolerate, seed, samples };
            question.check(&failures).map_err(Failure::usage)?;
            let families = arguments.families.as_deref();
            let families = families.map(|file| read_families(file, &failures)).transpose()?;
            Ok(report(&failures, &question, families.as_ref()))
        }
        _ => Err(Failure::internal("an option that must be given was not")),
    }
}

/// Figures for the cluster that a plan makes, from what the first drafts of its versions did on one
/// frozen set of inputs. A replica fails on an input if its version of the input's slot does.
fn of_plan(plan: &Path, seed: u64, samples: u32, context: &Context) -> Result<Report> {
    let (project, inventory) = context.inventory()?;
    let plan = patcher::read_plan(plan)?;
    crate::admission::fits(&inventory, &plan)?;
    let matrix = matrix(&project)?;
    let Of { rows, inputs, missing } = failures_of(&plan, &inventory, &matrix);
    if inputs == 0 {
        return Err(Failure::usage(format!(
            "of no slot are the first drafts of all of this plan's versions judged ({} are missing): see \
             `patchy ledger`",
            missing.len()
        )));
    }
    let replicas = u32::try_from(plan.replicas.len()).unwrap_or(u32::MAX);
    let failures = Failures::parse(&rows, replicas, inputs)
        .map_err(|bad| Failure::internal(format!("the plan's failures: {bad}")))?;
    let question = Question { replicas, tolerate: plan.tolerate, seed, samples };
    question.check(&failures).map_err(Failure::usage)?;
    let mut report = report(&failures, &question, None);
    let planted = planted_in(&plan, &inventory, Mutants::read(&project)?.as_ref(), seed, samples);
    report.json["source"] = "first drafts".into();
    report.json["missing"] = json!(missing);
    report.json["planted"] = planted.as_ref().map_or(Value::Null, |(json, _)| json.clone());
    report.json["judged"] =
        json!({ "date": matrix.date, "seed": matrix.seed, "cases": matrix.cases });
    report.text += &format!(
        "\nfrom first drafts, as they came, on {} inputs a slot (seed {}, {}); what authors do right at \
         first tells little of what they do wrong later{}",
        matrix.cases,
        matrix.seed,
        matrix.date,
        match missing.len() {
            0 => String::new(),
            some => format!(
                "\nleft out are {some} versions of which no draft is judged: {}",
                missing.join(", ")
            ),
        }
    );
    report.text += &planted.map_or_else(
        || {
            "\nof mutants nothing is known: `patchy ledger rejudge --mutants 3` judges some"
                .to_owned()
        },
        |(_, text)| text,
    );
    Ok(report)
}

/// The figure for planted faults, for scripts and for people: each replica has a mutant of its version
/// in one slot.
fn planted_in(
    plan: &patcher::Plan,
    inventory: &patcher::Inventory,
    mutants: Option<&Mutants>,
    seed: u64,
    samples: u32,
) -> Option<(Value, String)> {
    let mutants = mutants?;
    let carriers = |path: &slot_syntax::SlotPath| {
        let of = |replica: &patcher::ReplicaPlan| {
            let version = patcher::choice(inventory, replica, path);
            let family = version.map_or(patcher::REFERENCE, |version| version.family.as_str());
            mutants.of(family, &path.to_string())
        };
        let members: Vec<_> = plan.replicas.iter().map(of).collect();
        let whole = members.iter().all(|mutants| !mutants.is_empty());
        whole.then_some(figures::Carriers { inputs: mutants.cases, members })
    };
    let slots: Vec<figures::Carriers> = inventory.slots.keys().filter_map(carriers).collect();
    let tolerate = usize::try_from(plan.tolerate).unwrap_or(usize::MAX);
    let planted = figures::planted(&slots, tolerate, seed, samples)?;
    let more = planted.more;
    let json = json!({
        "source": "mutants",
        "slots": slots.len(),
        "mutants": mutants.mutants.len(),
        "left_out": mutants.left_out,
        "cases": mutants.cases,
        "p_more_than_f": { "estimate": more.estimate, "low": more.low, "high": more.high },
        "independent": planted.independent,
    });
    let text = format!(
        "\nplanted faults: with a mutant of its version in every replica, in one of {} slots, more than {} \
         fail on an input with chance {} ({} to {}); {} if their failures were spread evenly ({} mutants, {} \
         inputs a slot)",
        slots.len(),
        plan.tolerate,
        short(more.estimate),
        short(more.low),
        short(more.high),
        short(planted.independent),
        mutants.mutants.len(),
        mutants.cases
    );
    Some((json, text))
}

/// What a plan's replicas failed on.
struct Of {
    /// As a table of versions, which are replicas, and inputs.
    rows: String,
    inputs: u64,
    /// Versions without a draft that was judged: their slots are left out.
    missing: Vec<String>,
}

fn failures_of(plan: &patcher::Plan, inventory: &patcher::Inventory, matrix: &Matrix) -> Of {
    let mut of = Of { rows: String::from("version,input\n"), inputs: 0, missing: Vec::new() };
    let written: std::collections::BTreeSet<String> =
        inventory.versions().map(|version| version.slot.to_string()).collect();
    for (path, slot) in inventory.slots.keys().map(|path| (path, path.to_string())) {
        if !written.contains(&slot) {
            continue;
        }
        let mut failed = Vec::new();
        let mut lacking = Vec::new();
        for replica in &plan.replicas {
            let family = patcher::choice(inventory, replica, path)
                .map_or(patcher::REFERENCE, |version| version.family.as_str());
            match matrix.failed(family, &slot) {
                Some(cases) => failed.push(cases),
                None => lacking.push(format!("{family}/{slot}")),
            }
        }
        if lacking.is_empty() {
            for (replica, cases) in failed.iter().enumerate() {
                let line = |case: &u64| format!("{replica},{}\n", of.inputs + case);
                of.rows.extend(cases.iter().map(line));
            }
            of.inputs += matrix.cases;
        }
        of.missing.extend(lacking);
    }
    of.missing.sort();
    of.missing.dedup();
    of
}

fn in_file(file: &Path, bad: &BadRow) -> Failure {
    Failure::usage(format!("{}:{bad}", file.display()))
}

fn read_families(file: &Path, failures: &Failures) -> Result<Families> {
    Families::parse(&text(file)?, failures).map_err(|bad| in_file(file, &bad))
}

/// All figures.
struct Figures<'a> {
    failures: &'a Failures,
    question: &'a Question,
    clusters: Clusters,
    more: Estimate,
    coincidence: Coincidence,
    phis: Vec<f64>,
    difficulty: Difficulty,
    forced: Option<Vec<Forced>>,
}

/// All figures, for scripts and for people.
fn report(failures: &Failures, question: &Question, families: Option<&Families>) -> Report {
    let figures = Figures {
        failures,
        question,
        clusters: figures::clusters(failures, question),
        more: figures::more_than(failures, question),
        coincidence: figures::coincidence(failures),
        phis: figures::phis(failures),
        difficulty: figures::eckhardt_lee(failures),
        forced: families.map(|families| figures::littlewood_miller(failures, families)),
    };
    Report::done(figures.json(), figures.text())
}

impl Figures<'_> {
    /// The median correlation of two versions.
    fn phi(&self) -> Option<f64> {
        figures::median(&self.phis)
    }

    fn effective(&self) -> Option<f64> {
        self.phi().and_then(|rho| figures::effective_versions(self.question.replicas, rho))
    }

    fn json(&self) -> Value {
        let Self { failures, question, clusters, more, coincidence, difficulty, .. } = self;
        let (method, resamples) = match more.nothing_seen {
            true => ("three-over-inputs", 0),
            false => ("bootstrap", question.samples),
        };
        let mut json = json!({
            "versions": failures.versions(),
            "faulty_versions": failures.of_versions().len(),
            "inputs": failures.inputs(),
            "failures": failures.count(),
            "replicas": question.replicas,
            "tolerate": question.tolerate,
            "seed": question.seed,
            "clusters_with_common_failure_percent": clusters.percent,
            "clusters_interval_percent": { "low": clusters.low, "high": clusters.high },
            "method": match clusters.method {
                Method::Exact => "exact",
                Method::MonteCarlo => "monte-carlo",
            },
            "samples": clusters.samples,
            "p_more_than_f": { "estimate": more.estimate, "low": more.low, "high": more.high },
            "p_more_than_f_method": method,
            "resamples": resamples,
            "coincident_observed": coincidence.observed,
            "coincident_expected": coincidence.expected,
            "z": coincidence.z,
            "phi_median": self.phi(),
            "phi_mean": figures::mean(&self.phis),
            "phi_pairs": self.phis.len(),
            "effective_versions": self.effective(),
            "eckhardt_lee": {
                "mean": difficulty.mean,
                "variance": difficulty.variance,
                "both_fail": difficulty.both_fail,
            },
        });
        if let Some(forced) = &self.forced {
            json["littlewood_miller"] = forced.iter().map(forced_json).collect();
        }
        json
    }

    fn text(&self) -> String {
        let Self { failures, .. } = self;
        let mut shown = table(["figure", "value", "how"]);
        for row in self.of_clusters().into_iter().chain(self.of_pairs()) {
            shown.add_row(row);
        }
        format!(
            "{shown}\n{} failures of {} of {} versions on {} inputs",
            failures.count(),
            failures.of_versions().len(),
            failures.versions(),
            failures.inputs()
        )
    }

    fn of_clusters(&self) -> Vec<[String; 3]> {
        let Question { replicas, tolerate, samples, .. } = self.question;
        let Self { clusters, more, .. } = self;
        let (low, high) = (short(clusters.low), short(clusters.high));
        let how_many = match clusters.method {
            Method::Exact => "all counted".to_owned(),
            Method::MonteCarlo => format!("{low} to {high} %, {} drawn", clusters.samples),
        };
        let (low, high) = (short(more.low), short(more.high));
        let how_likely = match more.nothing_seen {
            true => format!("at most {high}: never seen, so 3 / inputs"),
            false => format!("{low} to {high}, inputs drawn again {samples} times"),
        };
        let common =
            format!("clusters of {replicas} with an input on which more than {tolerate} fail");
        let chance = format!("chance that more than {tolerate} of {replicas} fail on an input");
        vec![
            [common, format!("{} %", short(clusters.percent)), how_many],
            [chance, short(more.estimate), how_likely],
        ]
    }

    fn of_pairs(&self) -> Vec<[String; 3]> {
        let Self { coincidence, difficulty, .. } = self;
        let number = |value: Option<f64>| value.map_or_else(|| "undefined".to_owned(), short);
        let mut rows = vec![
            [
                "inputs on which at least two versions failed".to_owned(),
                coincidence.observed.to_string(),
                format!(
                    "independence predicts {}, z = {}",
                    short(coincidence.expected),
                    number(coincidence.z)
                ),
            ],
            [
                "median correlation of two versions' failures (phi)".to_owned(),
                number(self.phi()),
                format!("{} pairs that both fail sometimes", self.phis.len()),
            ],
            [
                format!("independent versions that {} amount to", self.question.replicas),
                number(self.effective()),
                "n / (1 + (n - 1) phi)".to_owned(),
            ],
            [
                "chance that two random versions fail on an input".to_owned(),
                short(difficulty.both_fail),
                format!("{} were all inputs equally difficult", short(difficulty.mean.powi(2))),
            ],
        ];
        rows.extend(self.forced.iter().flatten().map(|pair| {
            [
                format!("the same, one of {} and one of {}", pair.families.0, pair.families.1),
                short(pair.both_fail),
                format!("{} without their covariance", short(pair.means.0 * pair.means.1)),
            ]
        }));
        rows
    }
}

fn forced_json(pair: &Forced) -> Value {
    json!({
        "families": [pair.families.0, pair.families.1],
        "means": [pair.means.0, pair.means.1],
        "covariance": pair.covariance,
        "both_fail": pair.both_fail,
    })
}

/// A number with four significant digits.
fn short(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".to_owned();
    }
    match size {
        0.001..10.0 => format!("{value:.4}"),
        10.0..1_000_000.0 => format!("{value:.2}"),
        _ => format!("{value:.3e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn numbers_are_short() {
        let shown: Vec<String> =
            [0.0, 0.25, 48.613_41, 2.0e-5, -0.5, 3.0e7].into_iter().map(short).collect();
        assert_eq!(shown, ["0", "0.2500", "48.61", "2.000e-5", "-0.5000", "3.000e7"]);
    }
}
