//! What versions are as machine code, and which instructions are executed: for figures of diversity.
//!
//! Two programs are made of this crate, each by a few generated lines that link what is measured. Each
//! reads a question from standard input and prints an answer, both JSON:
//!
//! - [`versions`] holds all versions of the slots against each other: the optimised code of each, and what
//!   each executes when it is called upon equal inputs through the bench;
//! - [`execution`] runs a cluster of whole machines in one process and says whose the instructions are
//!   that its replicas execute: versions', or what all share, by crate.
//!
//! # Why instructions are executed one by one
//!
//! What is executed is found with the processor's trap flag (module `step`): every instruction is noted,
//! in the libraries and the standard library too, of the program as it is optimised otherwise. Counters that
//! the compiler puts into code (as for `patchy fuzz`) are faster but change that code, and know nothing of
//! the standard library, which is not compiled here; profilers of the processor or the system must be
//! installed or permitted. The price is some microseconds an instruction. So versions are called upon few
//! inputs, and of what replicas do only pieces are followed, drawn by a seed.

mod cluster;
#[cfg(test)]
mod controls;
mod execution;
mod grams;
mod owner;
mod program;
mod step;
#[cfg(feature = "versions")]
mod versions;

pub use cluster::{Make, machine};
pub use execution::execution;
#[cfg(feature = "versions")]
pub use versions::versions;

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{Read as _, Write as _};
use std::process::ExitCode;

/// As replicas have it; the bench brings its own.
#[cfg(not(feature = "versions"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Reads the question, and prints the answer or, on standard error, a sentence.
fn answer<Q: DeserializeOwned, A: Serialize>(
    work: impl FnOnce(Q) -> Result<A, String>,
) -> ExitCode {
    let mut text = String::new();
    let asked = std::io::stdin().read_to_string(&mut text).map_err(|error| error.to_string());
    let asked = asked.and_then(|_| {
        serde_json::from_str(&text).map_err(|error| format!("the question is not clear: {error}"))
    });
    let answered = asked.and_then(work).and_then(|answer| {
        serde_json::to_string(&answer).map_err(|error| format!("the answer: {error}"))
    });
    match answered {
        Ok(text) => {
            // Whoever does not read any more has read enough.
            let _ = writeln!(std::io::stdout(), "{text}");
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            let _ = writeln!(std::io::stderr(), "{sentence}");
            ExitCode::FAILURE
        }
    }
}
