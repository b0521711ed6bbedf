//! What the rest of the crate uses of pre-ordering.
//!
//! It is told what came and what was executed, and says what it holds, what it has promised and when it
//! wants the timer. What a server does about its own lost log goes through here too.

pub use super::{
    State, adopt, advance_aru, content, covers, has_news, last_matrix, make_po_acks, make_po_aru,
    make_po_request, make_proof_matrix, merge_row, on_po_acks, on_po_aru, on_po_aru_conflict,
    on_po_request, on_po_request_conflict, on_proof_matrix, on_update, recover, recover_content,
    recover_promises, relation, resume, retire, retransmit,
};

use super::{Column, Content};
use std::collections::{BTreeSet, VecDeque};
use wire::prime::{Matrix, PoAru, PoRequest};
use wire::{Config, PoSeq, ReplicaId, Time, Verified};

impl State {
    /// Nothing known.
    #[must_use]
    pub fn new(config: &Config, me: ReplicaId) -> Self {
        assert!(config.is_replica(me));
        Self {
            me,
            pending: VecDeque::new(),
            preordered: BTreeSet::new(),
            last_own: PoSeq(0),
            columns: vec![Column::default(); config.size()],
            rows: vec![None; config.size()],
            proof_matrices: vec![None; config.size()],
            blacklist: BTreeSet::new(),
            equivocators: BTreeSet::new(),
            unsent_acks: Vec::new(),
            sent_aru: vec![PoSeq(0); config.size()],
            next_request_at: Time(0),
            next_aru_at: Time(0),
            proof_matrix_at: None,
            retransmit_at: Time(0),
            retransmit_known: vec![vec![PoSeq(0); config.size()]; config.size()],
        }
    }

    /// The abstract state.
    #[must_use]
    pub const fn to_abstract(&self) -> &Self {
        self
    }

    /// `PO_Aru[]`. Shape `[n]`.
    #[must_use]
    pub fn aru(&self) -> Vec<PoSeq> {
        self.columns.iter().map(|column| column.aru).collect()
    }

    /// By originator, the `retired` of `columns`. Shape `[n]`.
    #[must_use]
    pub fn retired(&self) -> Vec<PoSeq> {
        self.columns.iter().map(|column| column.retired).collect()
    }

    /// What [`content`] makes of the slot of (o, s); `None` also without a slot.
    #[must_use]
    pub fn content_of(&self, originator: ReplicaId, seq: PoSeq) -> Option<Content> {
        self.slot(originator, seq).and_then(content)
    }

    /// `sent_aru`.
    #[must_use]
    pub fn sent_aru(&self) -> &[PoSeq] {
        &self.sent_aru
    }

    /// `sent_aru` becomes `row`, which has N entries.
    pub fn set_sent_aru(&mut self, row: Vec<PoSeq>) {
        self.sent_aru = row;
    }

    /// `last_own`.
    #[must_use]
    pub const fn last_own(&self) -> PoSeq {
        self.last_own
    }

    /// `blacklist`.
    #[must_use]
    pub const fn blacklist(&self) -> &BTreeSet<ReplicaId> {
        &self.blacklist
    }

    /// `blacklist` loses `id`.
    pub fn pardon(&mut self, id: ReplicaId) {
        self.blacklist.remove(&id);
    }

    /// `equivocators`.
    #[must_use]
    pub const fn equivocators(&self) -> &BTreeSet<ReplicaId> {
        &self.equivocators
    }

    /// The row of `id` in `rows`, if there is one.
    #[must_use]
    pub fn row(&self, id: ReplicaId) -> Option<&Verified<PoAru>> {
        self.rows[id.index()].as_ref()
    }

    /// `row` takes the place of the one of its signer in `rows`, if there is none or its entry for that
    /// signer is lower than that of `row` (an entry that is not there counts as 0).
    pub fn begin_chain(&mut self, row: Verified<PoAru>) {
        let at = row.signer().index();
        let life = |row: &Verified<PoAru>| row.body().vec.get(at).copied().unwrap_or_default();
        let held = &mut self.rows[at];
        if held.as_ref().is_none_or(|held| life(held) < life(&row)) {
            *held = Some(row);
        }
    }

    /// The matrices of `proof_matrices`, ascending by server.
    #[must_use]
    pub fn proof_matrices(&self) -> Vec<&Matrix> {
        let proofs = self.proof_matrices.iter().flatten();
        proofs.map(|proof| &proof.body().matrix).collect()
    }

    /// Does what [`recover_promises`] does with `told`, of N entries, for `sent_aru`, which stays as it is.
    pub fn recover_told(&mut self, config: &Config, told: Vec<PoSeq>) {
        let promised = std::mem::replace(&mut self.sent_aru, told);
        recover_promises(self, config);
        self.sent_aru = promised;
    }

    /// In the slots of this server's own numbers above `above` and up to `upto`, where `certified` is not
    /// set and there is a `request`: `certified` becomes the digest of that.
    ///
    /// Requires: `above < upto`.
    pub fn certify_own(&mut self, above: PoSeq, upto: PoSeq) {
        let column = &mut self.columns[self.me.index()];
        for (_, slot) in column.slots.range_mut(above.next()..=upto) {
            let own = slot.request.as_ref().map(Verified::digest);
            slot.certified = slot.certified.or(own);
        }
    }

    /// The `request` of each slot of this server's own numbers above `above` and up to `upto` that has
    /// one, ascending.
    ///
    /// Requires: `above < upto`.
    #[must_use]
    pub fn own_requests(&self, above: PoSeq, upto: PoSeq) -> Vec<&Verified<PoRequest>> {
        let slots = self.columns[self.me.index()].slots.range(above.next()..=upto);
        slots.filter_map(|(_, slot)| slot.request.as_ref()).collect()
    }

    /// This server's own numbers up to `upto` are over. `last_own` becomes at least `upto`. If it is
    /// `upto` then, and `preordered` has more entries than `pending`, what is in `pending` alone stays
    /// in `preordered`.
    pub fn pass_own(&mut self, upto: PoSeq) {
        self.last_own = self.last_own.max(upto);
        if self.last_own == upto && self.preordered.len() > self.pending.len() {
            let pending = self.pending.iter();
            self.preordered = pending.map(|held| (held.signer(), held.body().seq)).collect();
        }
    }

    /// `pending`.
    #[must_use]
    pub fn pending(&self) -> Vec<Verified<wire::Update>> {
        self.pending.iter().cloned().collect()
    }

    /// Whether there is anything in `pending`.
    #[must_use]
    pub fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// `next_request_at`.
    #[must_use]
    pub const fn next_request_at(&self) -> Time {
        self.next_request_at
    }

    /// Whether the `aru` of some originator is above its entry in `sent_aru`.
    #[must_use]
    pub fn has_unsent_aru(&self) -> bool {
        self.columns.iter().zip(&self.sent_aru).any(|(column, sent)| column.aru > *sent)
    }

    /// `next_aru_at`.
    #[must_use]
    pub const fn next_aru_at(&self) -> Time {
        self.next_aru_at
    }

    /// `proof_matrix_at`.
    #[must_use]
    pub const fn proof_matrix_at(&self) -> Option<Time> {
        self.proof_matrix_at
    }

    /// `proof_matrix_at` becomes `time`.
    pub const fn set_proof_matrix_at(&mut self, time: Time) {
        self.proof_matrix_at = Some(time);
    }

    /// Whether some originator has `slots`, so that a lost message could hold them up.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.columns.iter().any(|column| !column.slots.is_empty())
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
