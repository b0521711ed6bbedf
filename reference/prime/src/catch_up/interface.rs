//! What the rest of the crate uses of catch-up.
//!
//! Certificates of ordered numbers are kept here for others, and words about how far this server is go
//! out from here.

pub use super::{forget, keep, make_catch_up_request, on_catch_up_request};

use super::{Answered, CERTIFICATES, State};
use std::collections::BTreeMap;
use wire::prime::PrePrepare;
use wire::{Config, ReplicaId, Seq, Time, Verified};

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

    /// The abstract state.
    #[must_use]
    pub const fn to_abstract(&self) -> &Self {
        self
    }

    /// The highest number in `archive`, if there is any.
    #[must_use]
    pub fn kept(&self) -> Option<Seq> {
        self.archive.last_key_value().map(|(seq, _)| *seq)
    }

    /// The Pre-Prepare of the certificate in `archive` under `seq`, if there is one.
    #[must_use]
    pub fn proposal(&self, seq: Seq) -> Option<Verified<PrePrepare>> {
        self.archive.get(&seq).map(|kept| kept.pre_prepare.clone())
    }

    /// `request_at`.
    #[must_use]
    pub const fn request_at(&self) -> Time {
        self.request_at
    }

    /// `said_at`.
    #[must_use]
    pub const fn said_at(&self) -> Time {
        self.said_at
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
