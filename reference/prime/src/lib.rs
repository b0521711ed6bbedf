//! Prime: Byzantine replication under attack (Amir, Coan, Kirsch, Lane; technical report
//! CNDS-2009-4). The reference implementation, sans I/O.
//!
//! The crate is a pure function of its inputs: no clock, no thread, no randomness, no iteration in
//! hash order. Every protocol function is a *slot*: a free function marked `#[slot]`, in a file of
//! its own, whose doc comment is a contract that another author can implement without seeing the
//! body. [`Replica`] joins the components and implements [`wire::Machine`]; it is the only place
//! that sees two of them at once.
//!
//! | component | what it does |
//! |---|---|
//! | [`decode`] | bytes to messages of the right shape |
//! | [`pre_order`] | dissemination, preorder certificates, PO-ARUs |
//! | [`order`] | Pre-Prepare, Prepare, Commit; eligibility |
//! | [`recon`] | erasure-coded reconciliation of missing content |
//! | [`view_change`] | what a new view must begin with |
//! | [`execute`] | the total order, exactly-once clients |
//! | [`broadcast`] | reliable broadcast by digest |
//! | [`suspect`] | leader monitoring and the votes for a new one |
//! | [`catch_up`] | ordered certificates for servers that were away |
//! | [`checkpoint`] | stable states, truncation, state transfer |
//! | [`rejoin`] | a server that lost its log: what it may not say, and until when |

#![deny(
    clippy::float_arithmetic,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::wildcard_enum_match_arm
)]

pub mod broadcast;
pub mod catch_up;
pub mod checkpoint;
pub mod decode;
pub mod execute;
pub mod order;
pub mod pre_order;
pub mod recon;
pub mod rejoin;
pub mod replica;
pub mod suspect;
#[cfg(feature = "taps")]
pub mod taps;
pub mod view_change;
pub mod votes;

pub use replica::Replica;
