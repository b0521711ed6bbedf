//! A replica as a process: sockets, disk, keys and clock around a [`wire::Machine`].
//!
//! A program is one line: `fn main() -> ExitCode { node::main::<M, V, T>(PROVENANCE) }`, and a global
//! allocator, should it be another than the system's. This crate knows no protocol;
//! [`wire::machine`] states what it owes the core.
//!
//! # Providers
//!
//! What may differ between replicas beside the protocol: [`signatures`] has the libraries that
//! check signatures (`V`), [`threshold`] those for threshold signatures (`T`), [`allocator`] the
//! allocators.
//!
//! # A message's way
//!
//! A link's task decrypts what arrives (`links`), decodes and authenticates it (`verify`) and
//! puts it into the `mailbox`. The core's thread takes all that is there, steps through it and
//! fires the timer (`engine`). What the core wants said is appended to the `log` with one
//! write, signed under one root, and leaves (`outbox`, `pipe`): for replicas at once or after
//! the disk, for `clients` always after the disk.
//!
//! # Threads
//!
//! The main thread is the core. One thread waits for the disk. The rest are the runtime's: they
//! read, verify and accept. Nobody waits for a peer or a client, and everything that others can
//! make grow is bounded.

pub mod allocator;
mod args;
mod boot;
mod clients;
mod clock;
mod counters;
mod engine;
mod flight;
mod links;
mod log;
mod mailbox;
mod outbox;
mod panic;
mod pipe;
mod places;
mod recover;
mod say;
pub mod signatures;
mod status;
pub mod threshold;
mod verify;

use args::Task;
use say::say;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use wire::Machine;
use wire::threshold::Provider;
use wire::verifier::Verifier;

/// A replay ended in a panic.
const REPLAY_PANICKED: u8 = 2;

/// The whole program of a replica whose core is `M`, whose signatures `V` checks, and whose threshold
/// signatures, if its cluster has any, are `T`'s. `provenance` is a JSON object that says what it was composed of; its field `composition` is shown in the
/// status.
///
/// Takes its arguments from the command line; `--help` lists them with the exit codes.
#[must_use]
pub fn main<M, V, T>(provenance: &'static str) -> ExitCode
where
    M: Machine,
    V: Verifier + Default + 'static,
    T: Provider + Default,
{
    match args::parse(std::env::args_os().skip(1)) {
        Ok(Task::Run { dir, detached }) => {
            let signatures: Arc<dyn Verifier> = Arc::new(V::default());
            let providers = boot::Providers { signatures, threshold: &T::default() };
            run::<M>(&dir, detached, provenance, providers)
        }
        Ok(Task::Replay { file }) => replay::<M>(&file),
        Ok(Task::Provenance) => print(provenance),
        Ok(Task::Help) => print(args::HELP),
        Err(what) => fail(&what),
    }
}

fn run<M: Machine>(
    dir: &Path,
    detached: bool,
    provenance: &'static str,
    providers: boot::Providers<'_>,
) -> ExitCode {
    if detached && let Err(error) = rustix::process::setsid() {
        return fail(&format!("no session of its own can be had: {error}"));
    }
    panic::is_death();
    match boot::run::<M>(dir, provenance, providers) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure.to_string()),
    }
}

fn replay<M: Machine>(file: &Path) -> ExitCode {
    let record = match std::fs::read(file) {
        Ok(record) => record,
        Err(error) => return fail(&format!("{}: cannot be read: {error}", file.display())),
    };
    panic::is_kept();
    match flight::replay::replay::<M>(&record) {
        Ok(outcome) => {
            let printed = print(&format!("{}\n", outcome.json()));
            if outcome.panic.is_some() { ExitCode::from(REPLAY_PANICKED) } else { printed }
        }
        Err(what) => fail(&format!("{}: {what}", file.display())),
    }
}

fn print(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn fail(what: &str) -> ExitCode {
    say!("{what}");
    ExitCode::FAILURE
}

/// Ends the process from any thread, because it cannot keep its promises.
fn die(what: &str) -> ! {
    say!("{what}");
    std::process::exit(1)
}
