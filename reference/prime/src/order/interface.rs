//! What the rest of the crate uses of ordering.
//!
//! It is told what came and which view begins, and says what was accepted and ordered, what each number
//! is bound to, and when it wants the timer.

pub use super::{
    State, accept, eligible, install, jump, make_pre_prepare, on_commit, on_ordered_certificate,
    on_pre_prepare, on_pre_prepare_conflict, on_prepare, pc_set, preinstall, recount, recover,
    refill, resume, retire, retransmit,
};

use super::OrderSlot;
use super::model::TOKENS;
use std::borrow::Cow;
use std::collections::BTreeMap;
use wire::prime::{MAX_REPLAY, Matrix, PrePrepare};
use wire::{Config, Digest, List, ReplicaId, Seq, Time, Verified, View};

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

    /// The abstract state.
    #[must_use]
    pub const fn to_abstract(&self) -> &Self {
        self
    }

    /// `view`.
    #[must_use]
    pub const fn view(&self) -> View {
        self.view
    }

    /// `preinstalled`.
    #[must_use]
    pub const fn preinstalled(&self) -> View {
        self.preinstalled
    }

    /// Whether this server may vote in the installed view: no other one is preinstalled.
    #[must_use]
    pub fn votes(&self) -> bool {
        self.preinstalled == self.view
    }

    /// `accepted`.
    #[must_use]
    pub const fn accepted(&self) -> Seq {
        self.accepted
    }

    /// `preceding`.
    #[must_use]
    pub const fn preceding(&self) -> &Matrix {
        &self.preceding
    }

    /// `ordered`.
    #[must_use]
    pub const fn ordered(&self) -> Seq {
        self.ordered
    }

    /// `ordered_matrix`.
    #[must_use]
    pub const fn ordered_matrix(&self) -> &Matrix {
        &self.ordered_matrix
    }

    /// `retired`.
    #[must_use]
    pub const fn retired(&self) -> Seq {
        self.retired
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

    /// The Pre-Prepare in the slot of `seq` in `slots`, if there is one.
    #[must_use]
    pub fn pre_prepare(&self, seq: Seq) -> Option<&Verified<PrePrepare>> {
        self.slots.get(&seq)?.pre_prepare.as_ref()
    }

    /// The digest of the Pre-Prepare in the slot of `seq` in `slots`, if there is one.
    #[must_use]
    pub fn digest_at(&self, seq: Seq) -> Option<Digest> {
        self.pre_prepare(seq).map(Verified::digest)
    }

    /// What the ordered number `seq` is bound to: the Pre-Prepare in its slot, `None` for a no-op.
    ///
    /// Requires: `retired < seq <= ordered`, so that the slot is there.
    #[must_use]
    pub fn bound_to(&self, seq: Seq) -> Option<&Verified<PrePrepare>> {
        let slot = self.slots.get(&seq).expect("ordered and not retired");
        slot.pre_prepare.as_ref()
    }

    /// The slot of the ordered number `seq`.
    ///
    /// Requires: as [`State::bound_to`].
    #[must_use]
    pub fn ordered_slot(&self, seq: Seq) -> Cow<'_, OrderSlot> {
        Cow::Borrowed(self.slots.get(&seq).expect("ordered and not retired"))
    }

    /// Whether there is anything in `slots`, so that a lost message could hold it up.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.slots.is_empty()
    }

    /// Whether a number above `ordered` is in `slots`, or this server may not vote.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.slots.range(self.ordered.next()..).next().is_some() || !self.votes()
    }

    /// `proposal`.
    #[must_use]
    pub const fn proposal(&self) -> &Matrix {
        &self.proposal
    }

    /// `next_pre_prepare_at`.
    #[must_use]
    pub const fn next_pre_prepare_at(&self) -> Time {
        self.next_pre_prepare_at
    }

    /// `filled_at`.
    #[must_use]
    pub const fn filled_at(&self) -> Time {
        self.filled_at
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

    /// `leader_accused`.
    #[must_use]
    pub const fn has_accused(&self) -> bool {
        self.leader_accused
    }

    /// `retransmit_at`.
    #[must_use]
    pub const fn retransmit_at(&self) -> Time {
        self.retransmit_at
    }

    /// `retransmit_at` becomes `time`.
    pub const fn set_retransmit_at(&mut self, time: Time) {
        self.retransmit_at = time;
    }
}

/// How long a token takes: half `timing.pre_prepare`, rounded down, but at least 1. Unit: microseconds.
#[must_use]
pub fn interval(config: &Config) -> u64 {
    (config.timing.pre_prepare / TOKENS).max(1)
}
