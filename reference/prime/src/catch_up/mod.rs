//! Catch-up: servers that were away are shown what was ordered meanwhile.
//!
//! Upon being stalled, and now and then in any case, a server
//! - tells the others how far it has ordered ([`make_catch_up_request`]).
//!
//! It does so at once ([`State::ask_now`], called by whoever joins the components) when it has reason
//! to believe that it lacks something: it preinstalled or installed a view (the leader of a new view is
//! timed and must not wait); a Report that was delivered says that its server executed more; f+1
//! servers vouch for a checkpoint more than an interval ahead; it adopted a state; or all that one
//! answer can hold was ordered by certificates ([`State::follow`]). At anybody's word, a proposal or
//! vote of the installed view beyond the horizon, it does so soon ([`State::ask_soon`]).
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

impl State {
    /// Nothing known.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        Self {
            me,
            archive: BTreeMap::new(),
            answered: vec![Answered::default(); config.size()],
            request_at: Time(0),
            said_at: Time(0),
            said: Seq(0),
        }
    }

    /// There is reason to believe that something is lacking: the next word goes out at the next turn of
    /// the timer. `request_at` becomes `now`, if that is earlier.
    pub fn ask_now(&mut self, now: Time) {
        self.request_at = self.request_at.min(now);
    }

    /// Somebody says so: the next word goes out when the last one is `timing.retransmit` old.
    /// `request_at` becomes `said_at + timing.retransmit`, if that is earlier.
    pub fn ask_soon(&mut self, config: &Config) {
        let again = self.said_at.after(config.timing.retransmit);
        self.request_at = self.request_at.min(again);
    }

    /// An ordered certificate brought this server to `ordered`: if that is as much as one answer to the
    /// last word can hold, there may be more where it came from: [`State::ask_now`], if `ordered` is
    /// [`CERTIFICATES`] or more above `said`.
    pub fn follow(&mut self, now: Time, ordered: Seq) {
        if ordered.0 >= self.said.0.saturating_add(CERTIFICATES) {
            self.ask_now(now);
        }
    }
}
