//! Catch-up: servers that were away are shown what was ordered meanwhile.
//!
//! Upon being stalled, and now and then in any case, a server
//! - tells the others how far it has ordered ([`make_catch_up_request`]).
//!
//! Upon such a word from a server that is behind,
//! - it is sent the next ordered certificates ([`on_catch_up_request`]).
//!
//! Upon a stable checkpoint,
//! - what it covers is dropped ([`forget`]); who lacks that is given the state (component
//!   `checkpoint`).
//!
//! # Deviations from the report
//!
//! The report assumes that messages between correct servers arrive, and keeps everything.

mod forget;
mod keep;
mod make_catch_up_request;
mod on_catch_up_request;

pub use forget::forget;
pub use keep::keep;
pub use make_catch_up_request::make_catch_up_request;
pub use on_catch_up_request::on_catch_up_request;

use borsh::BorshSerialize;
use std::collections::BTreeMap;
use wire::prime::{Commit, PrePrepare};
use wire::{Config, ReplicaId, Seq, Time, Verified};

/// Why a number counts as ordered.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Certificate {
    /// What was ordered.
    pub pre_prepare: Verified<PrePrepare>,
    /// Q or more Commits for it, ascending by signer.
    pub commits: Vec<Verified<Commit>>,
}

/// All that catch-up remembers.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct State {
    /// This server.
    pub me: ReplicaId,
    /// By number, gap-free, from one above what a stable checkpoint covers to the last ordered.
    pub archive: BTreeMap<Seq, Certificate>,
    /// When each server was last answered, and what it had ordered by its own word, shape `[n]`.
    pub answered: Vec<Option<(Time, Seq)>>,
    /// When the next word about oneself goes out at the latest.
    pub request_at: Time,
}

impl State {
    /// Nothing known.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        Self {
            me,
            archive: BTreeMap::new(),
            answered: vec![None; config.size()],
            request_at: Time(0),
        }
    }
}
