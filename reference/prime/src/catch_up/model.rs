//! The abstract state of catch-up: what contracts, oracles and recorded inputs speak of.
//!
//! It stays when another version takes the component's place. The reference works on it as it is.

use borsh::BorshSerialize;
use std::collections::BTreeMap;
use wire::prime::{Commit, PrePrepare};
use wire::{ReplicaId, Seq, Time, Verified};

/// Most certificates sent for one request.
pub const CERTIFICATES: u64 = 32;

/// Most certificates sent to one server in `timing.retransmit`, over all its requests.
pub const ANSWERS: u64 = 128;

/// Why a number counts as ordered.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Certificate {
    /// What was ordered.
    pub pre_prepare: Verified<PrePrepare>,
    /// Q or more Commits for it, ascending by signer.
    pub commits: Vec<Verified<Commit>>,
}

/// What one server was answered lately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Answered {
    /// When it was answered first in its period; the period is over `timing.retransmit` later.
    pub since: Time,
    /// Certificates sent to it in the period. 0: there is none.
    pub count: u64,
    /// The highest number among them.
    pub upto: Seq,
}

/// All that catch-up remembers.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct State {
    /// This server.
    pub me: ReplicaId,
    /// By number, from one above what a stable checkpoint covers to the last ordered, without those
    /// that a view change ordered: its install certificate shows these.
    pub archive: BTreeMap<Seq, Certificate>,
    /// What each server was answered. Shape `[n]`.
    pub answered: Vec<Answered>,
    /// When the next word about oneself goes out at the latest.
    pub request_at: Time,
    /// When the last word about oneself went out.
    pub said_at: Time,
    /// How far this server had ordered by that word.
    pub said: Seq,
}
