//! `patchy diversity`.

use crate::admission::fits;
use crate::context::Context;
use crate::diversity::{
    Calls, Distance, Effort, Execution, Lines, MEASURES, OfPair, OfSlot, Page, Party, Shares,
    compare, execution, page, source, versions,
};
use crate::exit::Result;
use crate::output::Output;
use crate::report::{Report, table};
use patcher::{Request, make_plan, read_plan};
use serde_json::{Value, json};
use std::path::PathBuf;

/// How different the versions are, and how much of what replicas execute is different.
///
/// Every two families' versions of each slot are compared, or every two replicas of PLAN: by the tokens of
/// their texts and by their syntax trees, names of their own left out; as machine code, by the runs of five
/// operations in the optimised functions; and by the operations that they execute upon equal inputs. 0 is
/// the same, 1 has nothing in common; over several slots it is the mean, weighed by the reference's lines.
///
/// Then a cluster, of PLAN or of one replica a family, executes updates in one process, with signatures and
/// without sockets, and pieces of what its replicas do are followed instruction by instruction. One is
/// diversified if its line of source is in a version that no more replicas have than may fail; all others are
/// the shared base. Where a system does not let programs be followed, the other figures are given. Nothing is
/// deployed by this, so no verdicts are asked for.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: patchy diversity
         patchy diversity plan.toml -o diversity.html")]
pub(crate) struct Arguments {
    /// The plan whose replicas are compared [default: all families, and a plan of four replicas]
    #[arg(value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// Also write a page of it, with heat maps, that needs no network
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Upon how many equal inputs each version is followed
    #[arg(long, value_name = "N", default_value_t = 4)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=10_000))]
    inputs: u64,
    /// How many updates the cluster executes
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    #[arg(value_parser = clap::value_parser!(u64).range(10..=10_000_000))]
    updates: u64,
    /// Of so many pieces of what replicas do one is followed
    #[arg(long, value_name = "K", default_value_t = 100)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    one_in: u64,
    /// Decides the inputs, and which pieces are followed
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

/// Replicas where no plan is given.
const REPLICAS: u32 = 4;

pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<Report> {
    let (project, inventory) = context.inventory()?;
    let plan = match &arguments.plan {
        Some(file) => {
            let plan = read_plan(file)?;
            fits(&inventory, &plan)?;
            plan
        }
        None => make_plan(&inventory, &Request { replicas: REPLICAS, ..Request::default() })?,
    };
    let output = arguments.output.as_deref().map(|file| Output::open(file, "-o")).transpose()?;
    let Arguments { seed, inputs, updates, one_in, .. } = *arguments;
    let effort = Effort { seed, inputs, updates, one_in };
    let parties = match &arguments.plan {
        Some(_) => Party::replicas(&inventory, &plan),
        None => Party::families(&inventory),
    };
    let mut distances = source(&inventory)?;
    let calls = versions(&project, &inventory, effort, &mut distances)?;
    let (pairs, slots) = compare(&inventory, &parties, &distances);
    let executed = execution(&project, &inventory, &plan, effort)?;
    let (executed, refused) = match executed {
        Ok(executed) => {
            let shares = Shares::of(&inventory, &plan, &executed);
            (Some((executed, shares)), calls.refused.clone())
        }
        Err(sentence) => (None, Some(sentence)),
    };
    let lines = Lines::of(&project, &inventory, &plan)?;
    let plan = arguments.plan.as_ref().map(|plan| plan.display().to_string());
    let measured = Measured { plan, pairs, slots, calls, executed, refused, lines, effort };
    if let Some(output) = output {
        let names: Vec<String> = parties.iter().map(|party| party.name.clone()).collect();
        output.write(&measured.page(&names))?;
    }
    Ok(Report::done(measured.json(), measured.text()))
}

/// Everything that was found.
struct Measured {
    /// The plan's file, if one was given.
    plan: Option<String>,
    pairs: Vec<OfPair>,
    slots: Vec<OfSlot>,
    calls: Calls,
    executed: Option<(Execution, Shares)>,
    /// Why something is missing because it could not be followed.
    refused: Option<String>,
    lines: Lines,
    effort: Effort,
}

impl Measured {
    fn json(&self) -> Value {
        let executed = self.executed.as_ref().map(|(executed, _)| executed);
        let shares = self.executed.as_ref().map(|(_, shares)| shares);
        json!({
            "pairs": self.pairs,
            "slots": self.slots,
            "plan": self.plan,
            "lines_diversified_percent": self.lines.percent(),
            "diversified_lines": self.lines.diversified,
            "protocol_lines": self.lines.protocol,
            "executed_diversified_percent": shares.map(|it| it.diversified_percent),
            "shared_base_percent": shares.map(|it| it.shared_percent),
            "shared_base": shares.map(|it| &it.base),
            "replicas": shares.map(|it| &it.replicas),
            "not_followed": self.refused,
            "workload": {
                "inputs": self.calls.inputs,
                "calls": self.calls.calls,
                "call_instructions": self.calls.instructions,
                "calls_cut": self.calls.cut,
                "updates": executed.map(|it| it.updates),
                "virtual_micros": executed.map(|it| it.micros),
                "pieces": executed.map(|it| it.pieces),
                "pieces_followed": executed.map(|it| it.followed),
                "pieces_cut": executed.map(|it| it.cut),
                "instructions": shares.map(|it| it.instructions),
                "seed": self.effort.seed,
            },
        })
    }

    /// What was measured, in one paragraph.
    fn workload(&self) -> String {
        let Calls { inputs, calls, instructions, cut, .. } = &self.calls;
        let mut text = format!(
            "Versions were followed upon {inputs} inputs, in {calls} calls: {instructions} instructions, \
             {cut} calls longer than could be followed."
        );
        if let Some((executed, shares)) = &self.executed {
            text += &format!(
                " The cluster executed {} updates with values of 512 bytes, 64 at a time, in {} ms of \
                 virtual time; of {} pieces of what its replicas did {} were followed (one in {}, seed {}): \
                 {} instructions. Signatures are real; sockets, the links' encryption and the disk are left \
                 out.",
                executed.updates,
                executed.micros / 1_000,
                executed.pieces,
                executed.followed,
                self.effort.one_in,
                self.effort.seed,
                shares.instructions,
            );
        }
        match &self.refused {
            None => text,
            Some(sentence) => format!("{text}\nNot everything was followed: {sentence}."),
        }
    }

    /// The key figures, each with what it is of.
    fn figures(&self) -> Vec<(String, String)> {
        let mut figures = Vec::new();
        if let Some((_, shares)) = &self.executed {
            let of = "of the instructions that replicas executed were diversified".to_owned();
            figures.push((format!("{:.2} %", shares.diversified_percent), of));
            let of = "were in the base that all share".to_owned();
            figures.push((format!("{:.2} %", shares.shared_percent), of));
        }
        let of = format!("of the protocol's {} lines are diversified", self.lines.protocol);
        figures.push((format!("{:.1} %", self.lines.percent()), of));
        figures
    }

    fn text(&self) -> String {
        let [source, tree, code, trace] = MEASURES;
        let mut apart = table(["", "", "slots", "same", source, tree, code, trace]);
        for pair in &self.pairs {
            let [source, tree, code, trace] = shown(&pair.distance);
            let (slots, same) = (pair.slots.to_string(), pair.same.to_string());
            apart.add_row([&pair.left, &pair.right, &slots, &same, &source, &tree, &code, &trace]);
        }
        let shares = self.executed.as_ref().map(|(_, shares)| described(shares));
        let figures: Vec<String> =
            self.figures().iter().map(|(figure, of)| format!("{figure} {of}")).collect();
        let shares = shares.unwrap_or_default();
        format!("{apart}\n\n{shares}{}\n{}", figures.join("\n"), self.workload())
    }

    fn page(&self, parties: &[String]) -> String {
        let base = self.executed.iter().flat_map(|(_, shares)| &shares.base);
        let base: Vec<(String, f64)> = base.map(|one| (one.name.clone(), one.percent)).collect();
        page(&Page {
            title: self.plan.as_deref(),
            parties,
            pairs: &self.pairs,
            slots: &self.slots,
            figures: &self.figures(),
            base: &base,
            workload: &self.workload(),
        })
    }
}

/// Tables of whose the instructions are.
fn described(shares: &Shares) -> String {
    let mut base = table(["shared base", "of all instructions"]);
    let (large, small): (Vec<_>, Vec<_>) = shares.base.iter().partition(|it| it.percent >= 0.1);
    for one in &large {
        base.add_row([one.name.clone(), format!("{:.1} %", one.percent)]);
    }
    if !small.is_empty() {
        let rest: f64 = small.iter().map(|one| one.percent).sum();
        base.add_row([format!("{} more", small.len()), format!("{rest:.1} %")]);
    }
    let mut replicas = table(["replica", "family", "instructions diversified"]);
    for one in &shares.replicas {
        let share = format!("{:.2} %", one.executed_diversified_percent);
        replicas.add_row([one.replica.to_string(), one.family.clone(), share]);
    }
    format!("{replicas}\n\n{base}\n\n")
}

/// Distances for people, in the order of [`MEASURES`].
fn shown(distance: &Distance) -> [String; 4] {
    distance.all().map(|it| it.map_or_else(|| "-".to_owned(), |it| format!("{it:.3}")))
}
