//! The command-line tool from outside: what it prints and how it exits.

#![expect(clippy::unwrap_used, reason = "helpers of tests are not known to be tests")]

mod admission;
mod clusters;
mod formats;
mod fuzz;
mod generate;
mod harness;
mod ingest;
mod input;
mod ledger;
mod long;
mod migrate;
mod miniature;
mod mutate;
mod risk;
mod rulings;
mod sandbox;
#[path = "../../../generate/tests/server/mod.rs"]
mod server;
mod usage;
