//! Deterministic simulation of a whole cluster: network, clocks, disks, clients and faults.

mod arguments;
mod cli;
mod clients;
mod cluster;
mod disk;
mod history;
mod host;
mod monitor;
mod network;
mod parameters;
mod prime;
mod queue;
mod rng;
mod run;
mod suite;
mod tally;
mod trace;
mod violation;
mod work;

pub use cli::{kv_setup, main};
pub use clients::Payload;
pub use cluster::{Factory, Recorder, Sample, Setup};
pub use monitor::{Monitor, Watched};
pub use parameters::{Crashes, Faults, Hosts, Links, Load, Parameters};
pub use prime::PrimeMonitor;
pub use rng::Rng;
pub use run::{Options, Report, parameters, record, run, run_with};
pub use suite::{Summary, suite};
pub use tally::Tally;
pub use violation::{Kind, Violation};
