//! The differential bench: all versions of a slot on the same inputs.
//!
//! Upon each input, a recorded or made-up state with arguments drawn for it, the bench
//! - runs every version on a copy of the state, panics caught and time taken;
//! - puts the outcomes into classes: equal state, equal effects as a multiset (but a promise is
//!   logged before it is sent, and executions and what is logged as held keep their order), equal
//!   result, equal calls of the service;
//! - asks the slot's oracle about everything in a class that is not alike to the letter, as a contract
//!   may fix an order: without an oracle nothing is accepted;
//! - and where versions differ, finds who is wrong, makes the input smaller as long as it shows
//!   the same, and says so.
//!
//! Every case is decided by a seed and a position, so every finding can be had again. As many slots
//! are judged side by side as there are processors; no slot's verdicts depend on another's.
//!
//! There are many slots and one engine: what makes, runs, judges, shrinks and shows cases is compiled
//! once and knows no slot's types (`slots::Judged`, `tree::Node`). For each slot only its adapter is
//! compiled, which calls the function and asks the oracle.
//!
//! A runner is a program that links this crate and versions: see [`verdict::runner_source`]. It
//! fills a [`Registry`] and calls [`main`].

// What a runner without a component leaves out, others need.
#![cfg_attr(
    not(all(
        feature = "broadcast",
        feature = "catch_up",
        feature = "checkpoint",
        feature = "decode",
        feature = "execute",
        feature = "order",
        feature = "pre_order",
        feature = "recon",
        feature = "suspect",
        feature = "view_change",
    )),
    allow(dead_code, unused_imports)
)]

mod calls;
mod case;
mod clip;
mod engine;
mod fuzz;
mod kept;
mod make;
mod options;
mod program;
mod quiet;
mod registry;
mod rng;
mod slots;
mod sound;
mod spread;
mod state;
mod taps;
mod tree;
mod world;

pub use calls::{Each, Function, around};
pub use engine::{Judges, Plan, Searched, Sense};
pub use fuzz::Target;
pub use options::Options;
pub use program::{main, main_each};
pub use registry::{Decode, PreOrder, Registry, Selection, Versions, reasons, slots};
pub use slots::{
    Broadcast, CatchUp, Checkpoint, Execute, Order, Recon, Suspect, ViewChange, aside,
};
pub use taps::examples;
pub use world::Corpus;
