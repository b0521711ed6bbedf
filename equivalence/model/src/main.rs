//! The command line of the model.

use clap::Parser;
use model::{Model, Rules, Scope, explore};

#[derive(Parser)]
struct Cli {
    #[arg(long, default_value_t = 1)]
    numbers: usize,
    #[arg(long, default_value_t = 3)]
    views: usize,
    #[arg(long)]
    faulty: Option<usize>,
    #[arg(long)]
    split: bool,
    #[arg(long)]
    report: bool,
    #[arg(long)]
    without: Vec<String>,
    #[arg(long, default_value_t = 100_000_000)]
    cap: usize,
}

fn main() {
    let cli = Cli::parse();
    let mut rules = if cli.report { Rules::report() } else { Rules::ours() };
    for name in &cli.without {
        rules = rules.without(name).expect("a rule");
    }
    let scope = Scope::new(0, cli.views, cli.numbers).expect("a scope");
    let mut model = Model::new(scope, rules, cli.faulty);
    model.split = cli.split;
    let start = std::time::Instant::now();
    let outcome = explore(&model, cli.cap);
    println!(
        "{} states, depth {}, exhausted {}, {:?}",
        outcome.states,
        outcome.depth,
        outcome.exhausted,
        start.elapsed()
    );
    println!("{:?}", outcome.tally);
    if let Some((broken, trace)) = outcome.broken {
        println!("BROKEN {broken}");
        for action in trace {
            println!("  {}", action.text(&model.scope));
        }
    }
}
