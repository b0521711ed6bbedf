//! Reliable broadcast: what one server is told, all are told, or nobody (report, section 5.2 and
//! 5.3, "Preliminaries"; Bracha's protocol).
//!
//! Upon preinstalling a view, a server
//! - opens a broadcast for its Report and one for each entry of its PC-Set ([`start`]).
//!
//! Upon the first Init of a tag (originator, view, number),
//! - it logs it and echoes its digest ([`on_rb_init`]).
//!
//! Upon Q Echos of one digest, or f+1 Readys ([`advance`], [`on_rb_echo`], [`on_rb_ready`]),
//! - it promises a Ready for that digest.
//!
//! Upon Q Readys of one digest,
//! - the broadcast is decided; its Init, held or asked for, is delivered ([`take`]).
//!
//! Upon being asked for an Init ([`on_rb_request`]),
//! - it passes on what the originator signed.
//!
//! Until the view is installed, everything is said again now and then ([`retransmit`]), in the
//! exact bytes that the log promises ([`recover`], [`resume`]).
//!
//! # Deviations from the report
//!
//! - The report names a protocol that carries the payload in every message. Here Echo and Ready
//!   carry digests, and whoever decides without having the payload pulls it.
//! - Thresholds count k recovering servers: Q for Echo to Ready and for delivery. Two quorums share
//!   f+1 servers, so one correct one, and Q servers are always there; f+1 Readys hold a correct one.
//! - Broadcasts of lower views are dropped with the view: nobody who stays behind needs them, he is
//!   shown the votes for the new view or an install certificate.
//! - Broadcasts of the next view are counted before it is preinstalled here, but echoed after.

mod advance;
pub mod interface;
pub mod model;
mod on_rb_echo;
mod on_rb_init;
mod on_rb_ready;
mod on_rb_request;
mod recover;
mod resume;
mod retransmit;
mod start;
mod take;

pub use advance::advance;
pub use model::{AHEAD, ANSWERS, Effects, Instance, State, Tag, UNANNOUNCED};
pub use on_rb_echo::on_rb_echo;
pub use on_rb_init::on_rb_init;
pub use on_rb_ready::on_rb_ready;
pub use on_rb_request::on_rb_request;
pub use recover::recover;
pub use resume::resume;
pub use retransmit::retransmit;
pub use start::start;
pub use take::take;

use std::collections::BTreeMap;
use wire::prime::{MAX_REPLAY, Payload, RbInit};
use wire::{Digest, Reject, ReplicaId, Verified, View};

impl State {
    /// If `view` is above `self.view`, it becomes that: entries of lower views are dropped from
    /// `instances`, `fresh` and `promised` become empty, and `cursor` becomes none. `answered` and
    /// `retransmit_at` stay. Otherwise nothing happens.
    pub fn enter(&mut self, view: View) {
        if view > self.view {
            self.view = view;
            self.instances =
                self.instances.split_off(&Tag { view, originator: ReplicaId(0), seq: 0 });
            self.fresh.clear();
            self.promised.clear();
            self.cursor = None;
        }
    }

    /// The highest number of `originator`'s broadcasts in `view` that may be remembered:
    /// [`UNANNOUNCED`], or the `count` of the Report that is held as its `init` under number 0 if that
    /// is more, at most `MAX_REPLAY`. (An Init held there that is no Report announces nothing.)
    #[must_use]
    pub fn allowance(&self, originator: ReplicaId, view: View) -> u32 {
        let report = self.instances.get(&Tag { view, originator, seq: 0 });
        let announced = match report.and_then(|held| held.init.as_ref()).map(Verified::body) {
            Some(RbInit { payload: Payload::Report(report), .. }) => report.count,
            Some(_) | None => 0,
        };
        let most = u32::try_from(MAX_REPLAY).expect("a small constant");
        announced.max(UNANNOUNCED).min(most)
    }

    /// Why nothing about `tag` may be remembered, if so, in this precedence: `Stale` for a view below `view`,
    /// `BeyondWindow` for one above `view + AHEAD` or a number above the originator's
    /// [`State::allowance`].
    #[must_use]
    pub fn outside(&self, tag: Tag) -> Option<Reject> {
        if tag.view < self.view {
            return Some(Reject::Stale);
        }
        let far = tag.view.0 > self.view.0.saturating_add(AHEAD);
        (far || tag.seq > self.allowance(tag.originator, tag.view)).then_some(Reject::BeyondWindow)
    }
}

/// How many of `votes` name `digest`.
#[must_use]
pub fn count(votes: &BTreeMap<ReplicaId, Digest>, digest: Digest) -> usize {
    votes.values().filter(|vote| **vote == digest).count()
}
