//! A cluster's life: create, start, watch, load, stop.
//!
//! Everything here works on a cluster's folder (see [`layout`]) and on processes; nothing knows
//! what the replicas run. All results are plain data for a command line or a page to show.
//!
//! A replica is a detached process: in a session of its own, standard input closed, lines to its
//! `replica.log`, no descriptor inherited. It is signalled only after its pid was shown to be the
//! process that was started here (module `process`).

mod addresses;
mod bench;
mod churn;
mod error;
mod folder;
mod init;
mod kv_access;
mod logs;
mod process;
mod status;
mod supervise;

pub use addresses::{Addresses, read_hosts};
pub use bench::{Bench, BenchReport, Loader, bench};
pub use churn::{Churn, ChurnReport, churn};
pub use error::ClusterError;
pub use init::{BENCH_CLIENTS, Created, Init, KV_CLIENT, init};
pub use kv_access::{KvSession, kv};
pub use logs::{Panic, last_lines};
pub use process::Stopped;
pub use status::{ClusterStatus, ReplicaStatus, status};
pub use supervise::{
    Exit, Running, Starting, down, kill, pause, resume, start_one, stop_one, up, up_while,
};
