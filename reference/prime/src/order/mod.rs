//! Global ordering: the leader proposes proof matrices, everybody agrees on their order
//! (report, section 4.1, "Global Ordering Phase").
//!
//! Upon rows that make something eligible, or a Proof-Matrix that is not covered, the leader
//! - sends a Pre-Prepare with its `Last_PO_Aru` under the next number ([`make_pre_prepare`]).
//!
//! Upon holding the Pre-Prepare of a number and, valid, that of the number before
//! ([`on_pre_prepare`], [`accept`]), a server
//! - logs it, floods it, and, unless it is the leader, promises a Prepare.
//!
//! Upon a prepare certificate, the Pre-Prepare and Q - 1 matching Prepares ([`prepared`]), it
//! - logs the certificate and promises a Commit.
//!
//! Upon a commit certificate, the Pre-Prepare and Q matching Commits ([`committed`]),
//! - the number is ordered; numbers are handed on for execution without gaps.
//!
//! Upon an ordered certificate, a Pre-Prepare with Q Commits shown by anyone
//! ([`on_ordered_certificate`]),
//! - the number is ordered, whatever was seen of it before.
//!
//! Upon another view being preinstalled ([`preinstall`], [`pc_set`]),
//! - it says which numbers cannot be bound to anything else, and votes no more in the installed view;
//!   commit certificates of it may still come together. What comes of the new view is kept.
//!
//! Upon that view being installed ([`install`]),
//! - the numbers below its startSeq are ordered as resolved, the rest of the old view is dropped, and
//!   ordering goes on with what was kept.
//!
//! # Deviations from the report
//!
//! - Thresholds count k recovering servers: Q = 2f+k+1.
//! - The leader sends on news only, at a bounded rate, with a bounded number outstanding.
//! - Two different Pre-Prepares of a leader for one (view, number) are kept and broadcast as proof.
//! - Flooding goes to everybody but the leader; by whom a copy was passed on is not known here, so
//!   one may come back once; it is dropped as a duplicate.
//! - An ordered certificate counts whatever its view: with at most f faulty servers no two views
//!   order two things under one number.
//! - A leader's rate is bounded by a token bucket ([`refill`]): what it sends faster waits.

mod accept;
mod advance;
mod build_matrix;
mod committed;
mod eligible;
mod follows;
mod install;
mod jump;
mod make_pre_prepare;
mod on_commit;
mod on_ordered_certificate;
mod on_pre_prepare;
mod on_pre_prepare_conflict;
mod on_prepare;
mod pc_set;
mod preinstall;
mod prepared;
mod recount;
mod recover;
mod refill;
mod resume;
mod retire;
mod retransmit;
mod settle;

pub use accept::accept;
pub use advance::advance;
pub use build_matrix::build_matrix;
pub use committed::committed;
pub use eligible::eligible;
pub use follows::follows;
pub use install::install;
pub use jump::jump;
pub use make_pre_prepare::make_pre_prepare;
pub use on_commit::on_commit;
pub use on_ordered_certificate::on_ordered_certificate;
pub use on_pre_prepare::on_pre_prepare;
pub use on_pre_prepare_conflict::on_pre_prepare_conflict;
pub use on_prepare::on_prepare;
pub use pc_set::pc_set;
pub use preinstall::preinstall;
pub use prepared::prepared;
pub use recount::recount;
pub use recover::recover;
pub use refill::{interval, refill};
pub use resume::resume;
pub use retire::retire;
pub use retransmit::retransmit;
pub use settle::settle;

pub use crate::pre_order::Effects;
use borsh::BorshSerialize;
use std::collections::BTreeMap;
use wire::prime::{Commit, MAX_REPLAY, Matrix, PrePrepare, PrePrepareConflict, Prepare};
use wire::{Config, Digest, List, PoSeq, ReplicaId, Seq, Time, Verified, View};

/// The Q-th largest of N entries, whose order it changes.
pub(crate) fn quorum_entry(config: &Config, entries: &mut [PoSeq]) -> PoSeq {
    let (_, entry, _) = entries.select_nth_unstable_by(config.quorum() - 1, |a, b| b.cmp(a));
    *entry
}

/// What is known of one global number.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct OrderSlot {
    /// The Pre-Prepare seen first, or the one that a commit certificate names. Valid if its number
    /// is at or below `accepted`.
    pub pre_prepare: Option<Verified<PrePrepare>>,
    /// By sender, one each, the first that came; from the log, the last read. Never the leader's.
    pub prepares: BTreeMap<ReplicaId, Verified<Prepare>>,
    /// By sender, one each, the first that came, or the one in an Ordered-Certificate that bound the
    /// number; from the log, the last read.
    pub commits: BTreeMap<ReplicaId, Verified<Commit>>,
    /// Whether a Commit was promised here.
    pub prepared: bool,
    /// Whether a commit certificate is held; then so is its Pre-Prepare. Or the number is
    /// `replayed`.
    pub committed: bool,
    /// Whether it was ordered by installing a view. Then there need be no Commits, and without a
    /// Pre-Prepare it is a no-op.
    pub replayed: bool,
}

/// All that ordering remembers.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct State {
    /// This server.
    pub me: ReplicaId,
    /// The installed view.
    pub view: View,
    /// The preinstalled view, at least `view`. While it is above, nothing is voted for.
    pub preinstalled: View,
    /// Where the numbers of the installed view begin. At most `ordered + 1`.
    pub start_seq: Seq,
    /// What came of the preinstalled view before it is installed; numbers above `ordered`, at most
    /// the horizon at the time it came. Votes and Pre-Prepares only. Empty unless
    /// `preinstalled > view`.
    pub early: BTreeMap<Seq, OrderSlot>,
    /// Every number up to here has a valid Pre-Prepare in this view. At least `ordered`.
    pub accepted: Seq,
    /// The matrix of number `accepted`; N null rows before the first.
    pub preceding: Matrix,
    /// Every number up to here is ordered. At least `retired`. Never decreases.
    pub ordered: Seq,
    /// The matrix of the highest number up to `ordered` that is no no-op; N null rows before the
    /// first.
    pub ordered_matrix: Matrix,
    /// Numbers up to here were executed and dropped. Never decreases.
    pub retired: Seq,
    /// Slots by number, all in `(retired, horizon]`; while the log is read, above `retired`. All that
    /// one holds is about its number, and, unless it is `committed`, of the installed view.
    pub slots: BTreeMap<Seq, OrderSlot>,
    /// The highest number that is proposed (by this server, as leader of the view), accepted or
    /// ordered. The next own proposal is for the one after it.
    pub proposed: Seq,
    /// The matrix of number `proposed`; of the highest number below that is no no-op, if `proposed` is
    /// `ordered` or bound by a view change.
    pub proposal: Matrix,
    /// Own proposals for the installed view that the log promised. Filled by [`recover`]; emptied by
    /// [`preinstall`], [`install`] and [`resume`]; so empty wherever this server may not vote.
    pub promised: BTreeMap<Seq, PrePrepare>,
    /// Proof that the leader of the view equivocated, once known.
    pub leader_proof: Option<Verified<PrePrepareConflict>>,
    /// Whether such a proof was sent or passed on by this server.
    pub leader_accused: bool,
    /// When the next Pre-Prepare may go out.
    pub next_pre_prepare_at: Time,
    /// Pre-Prepares of the leader that may be accepted at once. At most `windows.order`.
    pub tokens: u64,
    /// Up to when tokens were handed out. Never decreases.
    pub filled_at: Time,
    /// When unfinished business is sent again.
    pub retransmit_at: Time,
}

impl State {
    /// Nothing known, view 0 installed.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        let rows = List::new(vec![None; config.size()]).expect("n is at most MAX_REPLICAS");
        let nothing = Matrix { rows };
        Self {
            me,
            view: View(0),
            preinstalled: View(0),
            start_seq: Seq(1),
            early: BTreeMap::new(),
            accepted: Seq(0),
            preceding: nothing.clone(),
            ordered: Seq(0),
            ordered_matrix: nothing.clone(),
            retired: Seq(0),
            slots: BTreeMap::new(),
            proposed: Seq(0),
            proposal: nothing,
            promised: BTreeMap::new(),
            leader_proof: None,
            leader_accused: false,
            next_pre_prepare_at: Time(0),
            tokens: config.windows.order,
            filled_at: Time(0),
            retransmit_at: Time(0),
        }
    }

    /// The highest number that may be remembered: the lower of `ordered + w` and
    /// `retired + min(16 * w, MAX_REPLAY)`, with w = `windows.order` (a sum that does not fit is the
    /// highest number). The second counts while execution waits for content: so one view change can
    /// take up all of it.
    #[must_use]
    pub fn horizon(&self, config: &Config) -> Seq {
        let window = config.windows.order;
        let ahead = self.ordered.0.saturating_add(window);
        let most = (16 * window).min(MAX_REPLAY as u64);
        Seq(ahead.min(self.retired.0.saturating_add(most)))
    }

    /// Whether this server may vote in the installed view: no other one is preinstalled.
    #[must_use]
    pub fn votes(&self) -> bool {
        self.preinstalled == self.view
    }

    /// The slot for something about `seq` of `view`: of those that count now for the installed
    /// view, of those kept early for the preinstalled one, made if need be; none for other views.
    pub fn slot_of(&mut self, view: View, seq: Seq) -> Option<&mut OrderSlot> {
        if view == self.view {
            Some(self.slots.entry(seq).or_default())
        } else if view == self.preinstalled {
            Some(self.early.entry(seq).or_default())
        } else {
            None
        }
    }

    /// Whether `seq`, above `ordered`, is `committed` with a Pre-Prepare of another view than `view`:
    /// then nothing that is said about it in `view` counts here, nor speaks against who says it.
    #[must_use]
    pub fn ordered_elsewhere(&self, view: View, seq: Seq) -> bool {
        let slot = self.slots.get(&seq).filter(|slot| slot.committed);
        let proposal = slot.and_then(|slot| slot.pre_prepare.as_ref());
        proposal.is_some_and(|proposal| proposal.body().view != view)
    }

    /// Whether the leader's next Pre-Prepare is here and waits for a token: this server may vote, has no
    /// tokens, and the slot of `accepted + 1` is not `committed` and holds a Pre-Prepare that another
    /// server signed.
    #[must_use]
    pub fn delayed(&self) -> bool {
        let next = self.slots.get(&self.accepted.next()).filter(|slot| !slot.committed);
        let next = next.and_then(|slot| slot.pre_prepare.as_ref());
        self.votes() && self.tokens == 0 && next.is_some_and(|held| held.signer() != self.me)
    }

    /// The digest of the Pre-Prepare held for `seq`.
    #[must_use]
    pub fn digest_at(&self, seq: Seq) -> Option<Digest> {
        self.slots.get(&seq)?.pre_prepare.as_ref().map(Verified::digest)
    }
}
