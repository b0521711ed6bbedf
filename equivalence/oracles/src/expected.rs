//! The state and the effects that a contract calls for, for any component: put together step by
//! step, then held against what came.

use crate::effects::Order;
use crate::{Finding, difference, effects};
use std::fmt::Debug;
use wire::prime::{Body, Incoming, Prime};
use wire::{ClientId, Config, Digest, Effect, Record, Reject, ReplicaId, Reply, To};

/// What the contract calls for. Starts as "nothing happens".
#[derive(Clone, Debug)]
pub(crate) struct Expected<'a, S> {
    pub(crate) config: &'a Config,
    /// The state that it must leave. Change it as the contract says.
    pub(crate) state: S,
    /// `component.slot`.
    slot: &'static str,
    /// The sentence of its contract that decides this case.
    sentence: &'static str,
    effects: Vec<Effect<Prime>>,
}

impl<'a, S: Clone + PartialEq + Debug> Expected<'a, S> {
    /// Nothing happens: the state stays as it is, no effects.
    pub(crate) fn unchanged(slot: &'static str, config: &'a Config, before: &'a S) -> Self {
        let (state, effects) = (before.clone(), Vec::new());
        Self { config, state, slot, sentence: "nothing happens", effects }
    }

    /// Names the sentence that decides what follows. A finding quotes the last one.
    pub(crate) fn since(&mut self, sentence: &'static str) {
        self.sentence = sentence;
    }

    /// The rule to report for `place`.
    pub(crate) fn rule(&self, place: &str) -> String {
        format!("{}: {} [{place}]", self.slot, self.sentence)
    }

    /// Holds the outcome of a slot that emits nothing against this.
    pub(crate) fn judge_state(&self, after: &S) -> Result<(), Finding> {
        if self.state == *after {
            return Ok(());
        }
        let (place, expected, got) = difference::between(&self.state, after);
        Err(Finding { rule: self.rule(&place), expected, got })
    }

    /// Holds an outcome against this.
    pub(crate) fn judge(
        &self,
        after: &S,
        order: Order,
        effects: &[Effect<Prime>],
    ) -> Result<(), Finding> {
        effects::check(|place| self.rule(place), order, &self.effects, effects)?;
        self.judge_state(after)
    }

    /// Sign and send.
    pub(crate) fn send(&mut self, to: To, body: impl Into<Body>) {
        self.effects.push(Effect::Send { to, body: body.into() });
    }

    /// Log, then sign and send.
    pub(crate) fn promise(&mut self, to: To, body: impl Into<Body>) {
        let body = body.into();
        self.persist(Record::Promise(body.clone()));
        self.effects.push(Effect::Send { to, body });
    }

    /// Log. The token is not compared.
    pub(crate) fn persist(&mut self, record: Record<Prime>) {
        self.effects.push(Effect::Persist { token: 0, record });
    }

    /// Log somebody's message.
    pub(crate) fn hold(&mut self, message: impl Into<Incoming>) {
        self.persist(Record::Held(message.into()));
    }

    /// Pass on as it is.
    pub(crate) fn relay(&mut self, to: To, message: impl Into<Incoming>) {
        self.effects.push(Effect::Relay { to, message: message.into() });
    }

    /// Answer a client.
    pub(crate) fn reply(&mut self, reply: Reply) {
        self.effects.push(Effect::Reply(reply));
    }

    /// An update was executed.
    pub(crate) fn executed(&mut self, index: u64, client: ClientId, update: Digest) {
        self.effects.push(Effect::Executed { index, client, update });
    }

    /// How many effects are called for so far.
    pub(crate) fn emitted(&self) -> usize {
        self.effects.len()
    }

    /// Refuses what `signer` says again (`said`) or says otherwise than before (`held`); whether it did.
    pub(crate) fn refuses_a_second(
        &mut self,
        signer: ReplicaId,
        held: Option<Digest>,
        said: Digest,
    ) -> bool {
        let Some(held) = held else { return false };
        if held == said {
            self.since("rejects `Duplicate` if one of this signer with the same digest is held");
            self.reject(signer, Reject::Duplicate);
        } else {
            self.since("rejects `Equivocation` if one of this signer with another digest is held");
            self.reject(signer, Reject::Equivocation);
        }
        true
    }

    /// Count a drop.
    pub(crate) fn reject(&mut self, from: impl Into<Option<ReplicaId>>, reason: Reject) {
        self.effects.push(Effect::Reject { from: from.into(), reason });
    }
}
