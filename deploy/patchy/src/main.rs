//! The command-line tool: see `patchy --help`.

mod admission;
mod args;
mod author;
mod commands;
mod confine;
mod context;
mod corpus;
mod dealing;
mod demo;
mod diversity;
mod exit;
mod formats;
mod gate;
mod interrupt;
mod judge;
mod kept;
mod ledger;
mod migration;
mod model;
mod mutation;
mod output;
mod process;
mod progress;
mod report;
mod rulings;
mod shard;
mod verdicts;

use crate::args::{Cli, Command};
use crate::commands::bench;
use crate::context::Context;
use crate::exit::{ExitCode, Failure, Result};
use crate::report::Report;
use clap::Parser as _;
use clap::error::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn main() -> std::process::ExitCode {
    let code = match Cli::try_parse() {
        Ok(Cli { command: Command::Load(arguments), .. }) => return bench::load(arguments),
        Ok(cli) => start(cli),
        Err(error) => misused(&error),
    };
    code.number().into()
}

fn start(cli: Cli) -> ExitCode {
    let json = cli.json;
    let outcome = catch_unwind(AssertUnwindSafe(|| run(cli)));
    let outcome = outcome.unwrap_or_else(|_| {
        Err(Failure::internal("this is a bug of ours: please report what stands above"))
    });
    interrupt::settle();
    interrupt::last_word();
    match outcome.map_err(interrupt::cause) {
        Ok(report) => {
            report.print(json);
            report.code
        }
        Err(failure) => {
            report::print_failure(&failure, json);
            failure.code
        }
    }
}

fn run(cli: Cli) -> Result<Report> {
    if let Command::Confined(arguments) = &cli.command {
        return confine::run(arguments);
    }
    interrupt::install(cli.json)?;
    let context = Context::new(cli.project, cli.json);
    match cli.command {
        Command::Demo(arguments) => demo::run(&arguments, &context),
        Command::Slots(arguments) => commands::slots::run(arguments, &context),
        Command::Plan(arguments) => commands::plan::run(arguments, &context),
        Command::Diff(arguments) => commands::diff::run(arguments, &context),
        Command::Diversity(arguments) => commands::diversity::run(&arguments, &context),
        Command::Build(arguments) => commands::build::run(arguments, &context),
        Command::Prompt(arguments) => commands::prompt::run(arguments, &context),
        Command::Check(arguments) => commands::check::run(arguments, &context),
        Command::Export(arguments) => commands::export::run(&arguments, &context),
        Command::Fuzz(arguments) => commands::fuzz::run(&arguments, &context),
        Command::Generate(arguments) => commands::generate::run(&arguments, &context),
        Command::Ingest(arguments) => commands::ingest::run(&arguments, &context),
        Command::Ledger(arguments) => commands::ledger::run(&arguments, &context),
        Command::Migrate(arguments) => commands::migrate::run(&arguments, &context),
        Command::Mutate(arguments) => commands::mutate::run(&arguments, &context),
        Command::Risk(arguments) => commands::risk::run(&arguments, &context),
        Command::Sim(arguments) => commands::sim::run(arguments, &context),
        Command::Init(arguments) => commands::init::run(arguments, &context),
        Command::Up(arguments) => commands::up::run(arguments, &context),
        Command::Status(arguments) => commands::status::run(arguments, &context),
        Command::Down(arguments) => commands::up::down(arguments, &context),
        Command::Bench(arguments) => bench::run(arguments, &context),
        Command::Churn(arguments) => commands::churn::run(arguments, &context),
        Command::Kv(arguments) => commands::kv::run(arguments, &context),
        Command::Load(_) => Err(Failure::internal("a load process has other duties")),
        Command::Confined(arguments) => confine::run(&arguments),
    }
}

/// A command line that cannot be read, or a wish for help.
fn misused(error: &clap::Error) -> ExitCode {
    // Where nobody reads there is nobody to tell.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::Done,
        _ => {
            if std::env::args().any(|word| word == "--json") {
                let text = error.to_string();
                let first = text.lines().next().unwrap_or_default();
                let sentence = first.strip_prefix("error: ").unwrap_or(first);
                report::say(&Failure::usage(sentence).json().to_string());
            }
            ExitCode::Usage
        }
    }
}
