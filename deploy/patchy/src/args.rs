//! The command line.

use crate::commands::{
    bench, build, check, churn, diff, diversity, export, fuzz, generate, ingest, init, kv, ledger,
    migrate, mutate, plan, prompt, risk, sim, slots, status, up,
};
use crate::demo;
use crate::exit::CODES;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Composes one different, judged, reproducible binary for each replica of a Byzantine
/// fault-tolerant cluster, and shows what the mixture survives.
///
/// Start with `patchy demo`.
#[derive(Debug, Parser)]
#[command(name = "patchy", version, after_help = CODES, arg_required_else_help = true)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// The project, or a folder in it [default: found upwards from the current folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
    /// Print one JSON object on standard output and nothing else there
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show it all: a mixed cluster at work, and a planted bug that it survives
    Demo(demo::Arguments),
    /// List the slots, their versions, and how much each family wrote anew
    Slots(slots::Arguments),
    /// Make a plan: which replica is made of what, within the sharing bound
    Plan(plan::Arguments),
    /// Show what one replica of a plan changes against the reference
    Diff(diff::Arguments),
    /// Build the replicas of a plan, each with provenance and signature
    Build(build::Arguments),
    /// Write the prompt that the author of a new version is given
    Prompt(prompt::Arguments),
    /// Judge versions: compare them with the reference, each other and the oracles
    Check(check::Arguments),
    /// Search for inputs on which versions differ, by the edges that they take
    Fuzz(fuzz::Arguments),
    /// Write a fuzz target out for others to run
    Export(export::Arguments),
    /// Have a model write a version, and send it through the gate
    Generate(generate::Arguments),
    /// Send a version written by hand through the gate into its family
    Ingest(ingest::Arguments),
    /// Show how versions came about; judge their first drafts again
    Ledger(ledger::Arguments),
    /// Say what hangs on contracts that changed, and judge it again
    Migrate(migrate::Arguments),
    /// Ask whether the bench would notice small faults
    Mutate(mutate::Arguments),
    /// Say how far versions are apart, and how much of what runs differs
    Diversity(diversity::Arguments),
    /// Say how likely it is that more versions fail together than a cluster tolerates
    Risk(risk::Arguments),
    /// Simulate clusters under faults and check safety, then progress
    Sim(sim::Arguments),
    /// Make the folder of a cluster: keys, configuration and binaries
    Init(init::Arguments),
    /// Start a cluster; returns when all replicas answer
    Up(up::Arguments),
    /// Ask every replica of a cluster how it is
    Status(status::Arguments),
    /// Stop a cluster
    Down(up::DownArguments),
    /// Load a running cluster with signed updates
    Bench(bench::Arguments),
    /// Kill and revive replicas of a running cluster under load
    Churn(churn::Arguments),
    /// Use the key-value service of a running cluster
    Kv(kv::Arguments),
    /// Make load in a process of its own
    #[command(hide = true)]
    Load(bench::LoadArguments),
    /// Run a program within limits
    #[command(hide = true)]
    Confined(crate::confine::Arguments),
}
