//! One module a command: its arguments, and a function from them to a report.

pub(crate) mod bench;
mod branches;
pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod churn;
pub(crate) mod diff;
pub(crate) mod diversity;
pub(crate) mod export;
pub(crate) mod fuzz;
pub(crate) mod generate;
pub(crate) mod ingest;
pub(crate) mod init;
pub(crate) mod kv;
pub(crate) mod ledger;
pub(crate) mod migrate;
pub(crate) mod mutate;
pub(crate) mod plan;
pub(crate) mod prompt;
pub(crate) mod risk;
pub(crate) mod sim;
pub(crate) mod slots;
pub(crate) mod status;
pub(crate) mod up;
