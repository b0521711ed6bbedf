//! The command line of the model: `cargo run --release -p model -- --help`.

use clap::Parser;
use model::{Action, Broken, Limits, Model, Rules, Scope, State, explore, walk};
use std::process::ExitCode;
use std::time::Instant;

/// Explores Prime's ordering and view change in a small scope.
///
/// Exit status: 0 when all states were explored and no property broke, 1 when one broke,
/// 2 for a wrong command line, 3 when a limit was reached first.
#[derive(Parser)]
struct Cli {
    /// Global sequence numbers.
    #[arg(long, default_value_t = 1)]
    numbers: usize,
    /// Views, the first included.
    #[arg(long, default_value_t = 3)]
    views: usize,
    /// k, the servers that may be recovering: 0 for N = 4, 1 for N = 6.
    #[arg(long, default_value_t = 0)]
    recovering: usize,
    /// The faulty server, if there is one.
    #[arg(long)]
    faulty: Option<usize>,
    /// Take the view change to the letter of the technical report.
    #[arg(long)]
    report: bool,
    /// Switch a rule off.
    #[arg(long, value_name = "RULE", value_parser = clap::builder::PossibleValuesParser::new(Rules::names()))]
    without: Vec<String>,
    /// Let servers vote for different Replays of a faulty leader.
    #[arg(long)]
    split: bool,
    /// Without the reductions.
    #[arg(long)]
    plain: bool,
    /// Let numbers hold proposals of earlier views than the numbers before them.
    #[arg(long)]
    no_monotony: bool,
    /// Random runs instead of all states.
    #[arg(long, value_name = "RUNS")]
    random: Option<usize>,
    /// The seed of the random runs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Stop at this many states.
    #[arg(long, default_value_t = 200_000_000)]
    states: usize,
    /// Stop at this many GiB.
    #[arg(long, default_value_t = 6)]
    memory: usize,
    /// Every how many states to try whether progress is possible; 0 is never.
    #[arg(long, default_value_t = 64)]
    heal_every: usize,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.model() {
        Ok(model) => cli.run(&model),
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

impl Cli {
    fn model(&self) -> Result<Model, String> {
        let scope = Scope::new(self.recovering, self.views, self.numbers)?;
        if let Some(faulty) = self.faulty.filter(|faulty| *faulty >= scope.servers) {
            return Err(format!("server {faulty} of {}: they count from 0", scope.servers));
        }
        let mut rules = if self.report { Rules::report() } else { Rules::ours() };
        for name in &self.without {
            rules = rules.without(name).ok_or_else(|| format!("no rule {name}"))?;
        }
        let mut model = Model::new(scope, rules, self.faulty);
        model.split = self.split;
        model.plain = self.plain;
        model.monotony = !self.no_monotony;
        Ok(model)
    }

    fn run(&self, model: &Model) -> ExitCode {
        let start = Instant::now();
        let (broken, exhausted) = match self.random {
            Some(runs) => {
                let walks = walk(model, runs, self.seed);
                println!("{} runs, {} steps", walks.runs, walks.steps);
                println!("progress tried from {} final states", walks.healed);
                println!("final states: {}", walks.tally);
                (walks.broken, true)
            }
            None => self.explore(model),
        };
        println!("{:.1} s", start.elapsed().as_secs_f64());
        match (broken, exhausted) {
            (Some(broken), _) => {
                print_trace(model, &broken);
                ExitCode::from(1)
            }
            (None, true) => {
                println!("no property is broken");
                ExitCode::SUCCESS
            }
            (None, false) => ExitCode::from(3),
        }
    }

    fn explore(&self, model: &Model) -> (Option<(Broken, Vec<Action>, State)>, bool) {
        let bytes = self.memory << 30;
        let limits = Limits { states: self.states, bytes, heal_every: self.heal_every };
        let outcome = explore(model, limits);
        let exhausted = if outcome.exhausted { "exhausted" } else { "not exhausted" };
        println!("{} states, depth {}, {exhausted}", outcome.states, outcome.depth);
        println!("progress tried from {} states", outcome.healed);
        println!("states: {}", outcome.tally);
        (outcome.broken, outcome.exhausted)
    }
}

fn print_trace(model: &Model, (broken, path, state): &(Broken, Vec<Action>, State)) {
    println!("BROKEN, {broken}:");
    for action in path {
        println!("  {}", action.text(&model.scope));
    }
    for line in model.executable(state) {
        println!("  => {line}");
    }
}
