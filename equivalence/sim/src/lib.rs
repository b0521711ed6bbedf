//! Deterministic simulation of a whole cluster: network, clocks, disks, clients and faults.
//!
//! A run is a function of its seed, of the options on the command line and of the machines, and
//! of nothing else: one queue of events, one virtual clock in microseconds, one source of chance.
//! Its [`Report::trace`] digests every event in order, so two runs are equal when their traces are:
//! in debug and in release, with machines linked in or loaded, on any number of threads.
//!
//! # A run
//!
//! 1. The seed chooses [`Parameters`]: links, windows, periods, load, and which kinds of fault the
//!    run has at all. How much it may choose is said by [`Faults`].
//! 2. *Faults.* For some seconds clients submit updates while messages are lost, late, doubled and
//!    overtaken, links break (both ways or one way) and mend, and replicas are killed and restarted
//!    from their logs, one by one or all at once. In a *swarm* uplinks are narrow and queue, hosts
//!    pay in time for every signature, clocks drift, timers fire late, a disk is lost, power cuts take what the
//!    durability level lets them take, and leaders are monitored and replaced. Safety is checked
//!    all the time.
//! 3. *Calm.* The faults end, all but a few frozen replicas run (in a swarm the leader may be among
//!    those), clients go on for a while. Within a bound everything must be executed at every
//!    running replica and answered.
//! 4. *Return.* Whoever lost its log must be back within a bound. Then, where any replica was restarted,
//!    so many others go down for good that nothing goes on without it, and everything must go on.
//!
//! If asked for, up to f replicas are Byzantine from start to end, see [`Adversary`]; the first leader
//! is among them more often than not.
//!
//! # What is real
//!
//! Messages are encoded, decoded by each receiver's own decoder, and authenticated: under a scheme
//! without cryptography ([`wire::stub`]), or, if asked for, by real signatures ([`Cryptography`]). Either
//! way the same seed does the same at the same times, and executes the same history; traces differ,
//! since the digest of a PO-Request covers its clients' signatures, and much names that digest. What
//! clients ask and are answered is handed over as it was signed; a client's signature is verified
//! where its update reaches other replicas. Every duty of a host in [`wire::machine`] is carried out:
//! sends wait for the kernel (or the disk, at level *power*) to have what they promise, replies for
//! the disk, own messages come back as arrivals, all that has arrived is stepped before the timer.
//! A kill takes what the kernel did not have yet, a power cut what the disk did not have.
//!
//! # What is checked
//!
//! BOUNDED-DELAY is checked where [`Parameters::stable_from`] demands it: wherever leaders are monitored,
//! from the start if nothing fails, else once what faults left behind is over. See [`Bound`].
//!
//! Each [`Kind`] of violation, by checkers that stand outside of the replicas and remember over
//! restarts. What takes knowledge of a protocol's messages is a [`Monitor`]; [`PrimeMonitor`] is
//! the one for Prime. Each check has a planted fault in the tests that trips it.
//!
//! # Users
//!
//! A generated runner calls [`main`]. A bench calls [`record`] to sample machines and inputs.
//! Tests call [`run`], [`run_with`] or [`suite`].
//!
//! The simulator names no implementation. It runs whatever implements [`wire::Machine`].

mod absence;
mod adversary;
mod aftermath;
mod arguments;
mod calm;
mod cli;
mod clients;
mod cluster;
mod cryptography;
mod delay;
mod disk;
mod history;
mod host;
mod linear;
mod lockstep;
mod memory;
mod minimise;
mod monitor;
mod network;
mod overrides;
mod pace;
mod parameters;
mod prime;
mod queue;
mod rng;
mod run;
mod scenario;
mod suite;
mod swarm;
mod tally;
mod trace;
mod view_changes;
mod violation;
mod work;

pub use absence::{Absence, Comeback};
pub use adversary::{Adversaries, Adversary, Attack, Faulty, Saying, Turn};
pub use cli::{kv_setup, kv_setup_with, main};
pub use clients::Payload;
pub use cluster::{Factory, Recorder, Sample, Setup};
pub use cryptography::Cryptography;
pub use delay::{Bound, Measured, TurnAround, Words};
pub use lockstep::Lockstep;
pub use minimise::{Minimised, minimise};
pub use monitor::{Monitor, Watched};
pub use overrides::{Overrides, Without};
pub use parameters::{Crashes, Faults, Hosts, Level, Links, Load, Parameters};
pub use prime::PrimeMonitor;
pub use rng::Rng;
pub use run::{Options, Report, parameters, record, run, run_with};
pub use scenario::Scenario;
pub use suite::{Demanded, Summary, suite};
pub use tally::Tally;
pub use violation::{Kind, Violation};

/// A simulated cluster is many small vectors, made and dropped.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
