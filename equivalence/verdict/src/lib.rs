//! What the bench and whoever starts it say to each other.
//!
//! The bench links a protocol and runs in a process of its own; whoever starts it links none. So
//! what both must know stands here, and it is text: the program that joins a bench with versions
//! ([`runner_source`]), what that program answers ([`Report`]), and how it is known that it was the bench
//! that answered ([`Key`]).

mod mouth;
mod report;
mod runner;
mod seal;

pub use mouth::Mouth;
pub use report::{Answer, Blames, By, Decision, KeptInput, Replay, Report, Search, Stale, Verdict};
pub use runner::{
    BENCHED, CHOSEN, Entry, NOT_TAKEN, choosing_runner_source, fuzz_source, is_benched,
    marked_source, measuring_source, runner_of, runner_source,
};
pub use seal::{Key, SEALED};
