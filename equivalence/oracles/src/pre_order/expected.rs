//! The state and the effects that a contract calls for, put together step by step.
//!
//! Only what changes is kept, beside the state before; so a check costs no copy of the state.

use super::definitions::{Number, certificate_of, relation_of};
use crate::effects::Order;
use crate::{Finding, effects};
use prime::pre_order::{Content, PoSlot, Relation, State};
use std::collections::{BTreeMap, BTreeSet};
use wire::auth::Context;
use wire::prime::{Body, Incoming, PoAck, PoAru, PoAruConflict, Prime, ProofMatrix};
use wire::{
    Config, Digest, Effect, PoSeq, Record, Reject, ReplicaId, Signed, Time, To, Update, Verified,
};

/// What becomes of one column.
pub(super) struct ColumnChange {
    pub(super) aru: PoSeq,
    pub(super) retired: PoSeq,
    /// Slots that were looked at to be changed.
    pub(super) slots: BTreeMap<PoSeq, PoSlot>,
}

/// What the contract calls for. Starts as "nothing happens".
pub(super) struct Expected<'a> {
    pub(super) config: &'a Config,
    pub(super) before: &'a State,
    /// Name of the slot under test.
    slot: &'static str,
    /// The sentence of its contract that decides this case.
    sentence: &'static str,
    /// How many updates leave `pending` at its front.
    pub(super) taken: usize,
    /// What joins `pending` at its back.
    pub(super) queued: Option<&'a Verified<Update>>,
    /// What enters `preordered`.
    pub(super) entered: BTreeSet<Number>,
    /// What leaves `preordered`, and `pending` too.
    pub(super) left: BTreeSet<Number>,
    pub(super) last_own: PoSeq,
    pub(super) columns: BTreeMap<ReplicaId, ColumnChange>,
    /// New rows with their digests.
    pub(super) rows: BTreeMap<ReplicaId, (&'a Signed<PoAru>, Digest)>,
    pub(super) proof_matrix: Option<&'a Verified<ProofMatrix>>,
    /// Who enters `blacklist`.
    pub(super) blacklisted: BTreeSet<ReplicaId>,
    /// Who enters `equivocators`.
    pub(super) equivocated: Option<ReplicaId>,
    /// Whether `unsent_acks` is emptied.
    pub(super) acks_sent: bool,
    /// What is appended to `unsent_acks`.
    pub(super) acks_made: Vec<PoAck>,
    /// The new `sent_aru`, if there is one.
    pub(super) sent_aru: Option<Vec<PoSeq>>,
    pub(super) next_request_at: Time,
    pub(super) next_aru_at: Time,
    pub(super) proof_matrix_at: Option<Time>,
    pub(super) retransmit_at: Time,
    /// The new `retransmit_known`, if there is one.
    pub(super) retransmit_known: Option<Vec<Vec<PoSeq>>>,
    effects: Vec<Effect<Prime>>,
}

/// Starting, reading and judging.
impl<'a> Expected<'a> {
    /// Nothing happens: everything is as in `before`, no effects.
    pub(super) fn unchanged(slot: &'static str, config: &'a Config, before: &'a State) -> Self {
        Self {
            config,
            before,
            slot,
            sentence: "nothing happens",
            taken: 0,
            queued: None,
            entered: BTreeSet::new(),
            left: BTreeSet::new(),
            last_own: before.last_own,
            columns: BTreeMap::new(),
            rows: BTreeMap::new(),
            proof_matrix: None,
            blacklisted: BTreeSet::new(),
            equivocated: None,
            acks_sent: false,
            acks_made: Vec::new(),
            sent_aru: None,
            next_request_at: before.next_request_at,
            next_aru_at: before.next_aru_at,
            proof_matrix_at: before.proof_matrix_at,
            retransmit_at: before.retransmit_at,
            retransmit_known: None,
            effects: Vec::new(),
        }
    }

    /// Names the sentence that decides what follows.
    pub(super) fn since(&mut self, sentence: &'static str) {
        self.sentence = sentence;
    }

    /// The rule to report for `place`.
    pub(super) fn rule(&self, place: &str) -> String {
        format!("pre_order.{}: {} [{place}]", self.slot, self.sentence)
    }

    /// Holds the outcome of a slot that emits nothing against this.
    pub(super) fn judge_state(&self, after: &State) -> Result<(), Finding> {
        super::compare::state(self, after)
    }

    /// Holds an outcome against this.
    pub(super) fn judge(
        &self,
        after: &State,
        order: Order,
        effects: &[Effect<Prime>],
    ) -> Result<(), Finding> {
        effects::check(|place| self.rule(place), order, &self.effects, effects)?;
        super::compare::state(self, after)
    }

    /// `aru` of a column by now.
    pub(super) fn aru(&self, o: ReplicaId) -> PoSeq {
        self.columns.get(&o).map_or_else(|| self.before.columns[o.index()].aru, |c| c.aru)
    }

    /// `retired` of a column by now.
    pub(super) fn retired(&self, o: ReplicaId) -> PoSeq {
        self.columns.get(&o).map_or_else(|| self.before.columns[o.index()].retired, |c| c.retired)
    }

    /// The slot of (o, s) by now.
    pub(super) fn slot(&self, o: ReplicaId, s: PoSeq) -> Option<&PoSlot> {
        let changed = self.columns.get(&o).and_then(|change| change.slots.get(&s));
        let kept = || self.before.columns[o.index()].slots.get(&s);
        changed.or_else(kept).filter(|_| s > self.retired(o))
    }

    /// Whether (o, s) is at or below `retired`, or beyond the window over it.
    pub(super) fn outside_window(&self, o: ReplicaId, s: PoSeq) -> Option<Reject> {
        let retired = self.retired(o);
        if s <= retired {
            Some(Reject::Stale)
        } else if s.0 - retired.0 > self.config.windows.preorder {
            Some(Reject::BeyondWindow)
        } else {
            None
        }
    }

    fn row(&self, i: ReplicaId) -> Option<&'a Signed<PoAru>> {
        let before = self.before;
        let held = || before.rows[i.index()].as_ref().map(Verified::signed);
        self.rows.get(&i).map(|&(row, _)| row).or_else(held)
    }
}

/// What happens to the state.
impl<'a> Expected<'a> {
    /// The column of `o`, to be changed.
    pub(super) fn column_mut(&mut self, o: ReplicaId) -> &mut ColumnChange {
        let before = &self.before.columns[o.index()];
        self.columns.entry(o).or_insert_with(|| ColumnChange {
            aru: before.aru,
            retired: before.retired,
            slots: BTreeMap::new(),
        })
    }

    /// The slot of (o, s), to be changed; made if need be.
    pub(super) fn slot_mut(&mut self, o: ReplicaId, s: PoSeq) -> &mut PoSlot {
        let before = self.before.columns[o.index()].slots.get(&s);
        let slots = &mut self.column_mut(o).slots;
        slots.entry(s).or_insert_with(|| before.cloned().unwrap_or_default())
    }

    /// `advance_aru`: over every number from `aru + 1` on without a gap that has a certificate.
    pub(super) fn advance(&mut self, o: ReplicaId) {
        loop {
            let (aru, next) = (self.aru(o), self.aru(o).next());
            let certificate =
                self.slot(o, next).and_then(|slot| certificate_of(self.config, o, slot));
            let Some(digest) = certificate.filter(|_| next > aru) else { return };
            self.certify(o, next, digest);
        }
    }

    /// Sets `certified` and makes `s` the new `aru`.
    pub(super) fn certify(&mut self, o: ReplicaId, s: PoSeq, digest: Digest) {
        if self.slot(o, s).is_none_or(|slot| slot.certified != Some(digest)) {
            self.slot_mut(o, s).certified = Some(digest);
        }
        self.column_mut(o).aru = s;
    }

    /// Binds (o, s) to `content`, whoever proved it: `certified` is its digest and, unless
    /// `request` has that digest, `adopted` is the content.
    pub(super) fn bind(&mut self, o: ReplicaId, content: &Content) {
        let slot = self.slot_mut(o, content.body.seq);
        slot.certified = Some(content.digest);
        if slot.request.as_ref().is_none_or(|request| request.digest() != content.digest) {
            slot.adopted = Some(content.clone());
        }
    }

    /// `merge_row`: keeps the more up-to-date row, blacklists who contradicts himself.
    pub(super) fn merge(
        &mut self,
        new: &'a Signed<PoAru>,
        digest: impl FnOnce(&Context) -> Digest,
    ) {
        let i = new.signer;
        let Some(held) = self.row(i) else {
            self.rows.insert(i, (new, digest(&Context::from(self.config))));
            return;
        };
        match relation_of(&new.body.vec, &held.body.vec) {
            Relation::Newer => {
                self.rows.insert(i, (new, digest(&Context::from(self.config))));
            }
            Relation::Same | Relation::Older => {}
            Relation::Inconsistent => {
                if !self.before.blacklist.contains(&i) && self.blacklisted.insert(i) {
                    let (first, second) = (held.clone(), new.clone());
                    self.send(To::All, PoAruConflict { first, second });
                }
            }
        }
    }
}

/// What is emitted.
impl Expected<'_> {
    /// Sign and send.
    pub(super) fn send(&mut self, to: To, body: impl Into<Body>) {
        self.effects.push(Effect::Send { to, body: body.into() });
    }

    /// Log, then sign and send.
    pub(super) fn promise(&mut self, to: To, body: impl Into<Body>) {
        let body = body.into();
        self.persist(Record::Promise(body.clone()));
        self.effects.push(Effect::Send { to, body });
    }

    /// Log. The token is not compared.
    pub(super) fn persist(&mut self, record: Record<Prime>) {
        self.effects.push(Effect::Persist { token: 0, record });
    }

    /// Pass on as it is.
    pub(super) fn relay(&mut self, to: To, message: impl Into<Incoming>) {
        self.effects.push(Effect::Relay { to, message: message.into() });
    }

    /// Count a drop.
    pub(super) fn reject(&mut self, from: Option<ReplicaId>, reason: Reject) {
        self.effects.push(Effect::Reject { from, reason });
    }
}
