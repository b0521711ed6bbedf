//! What an adversary knows and may do when its turn comes.

use crate::rng::Rng;
use wire::machine::Status;
use wire::{Config, Input, Protocol, ReplicaId, Reply, Time, To};

/// What a replica says to others.
#[derive(Clone, Debug, PartialEq)]
pub enum Saying<P: Protocol> {
    /// To be signed by this replica.
    Own(P::Body),
    /// Signed already, by anyone.
    Relayed(P::Incoming),
}

/// What an adversary does.
#[derive(Clone, Debug)]
pub(super) enum Deed<P: Protocol> {
    Say(To, Saying<P>),
    Hear(Input<P>),
    Answer(Reply),
}

/// One turn of an adversary.
pub struct Turn<'a, P: Protocol> {
    /// The cluster's.
    pub config: &'a Config,
    /// The replica that is tampered with.
    pub me: ReplicaId,
    /// On its host's clock.
    pub now: Time,
    /// The only source of chance.
    pub rng: &'a mut Rng,
    pub(super) core: &'a dyn Fn() -> Status,
    pub(super) deeds: &'a mut Vec<(Time, Deed<P>)>,
}

impl<P: Protocol> Turn<'_, P> {
    /// What the core knows of itself. Not cheap, see [`wire::Machine::status`].
    #[must_use]
    pub fn core(&self) -> Status {
        (self.core)()
    }

    /// Says something now.
    pub fn say(&mut self, to: To, saying: Saying<P>) {
        self.say_at(self.now, to, saying);
    }

    /// Says something now, under this replica's signature.
    pub fn say_own(&mut self, to: To, body: impl Into<P::Body>) {
        self.say(to, Saying::Own(body.into()));
    }

    /// Says something once the host's clock shows `at`.
    pub fn say_at(&mut self, at: Time, to: To, saying: Saying<P>) {
        self.deeds.push((at, Deed::Say(to, saying)));
    }

    /// Gives the core an input now.
    pub fn hear(&mut self, input: Input<P>) {
        self.hear_at(self.now, input);
    }

    /// Gives the core an input once the host's clock shows `at`.
    pub fn hear_at(&mut self, at: Time, input: Input<P>) {
        self.deeds.push((at, Deed::Hear(input)));
    }

    /// Answers a client.
    pub fn answer(&mut self, reply: Reply) {
        self.deeds.push((self.now, Deed::Answer(reply)));
    }

    /// Whom `to` means, the replica itself included where that is meant.
    #[must_use]
    pub fn receivers(&self, to: To) -> Vec<ReplicaId> {
        let is_meant = |id: &ReplicaId| match to {
            To::All => true,
            To::Others => *id != self.me,
            To::One(one) => *id == one,
        };
        self.config.replicas().filter(is_meant).collect()
    }

    /// Everybody but this replica.
    #[must_use]
    pub fn others(&self) -> Vec<ReplicaId> {
        self.receivers(To::Others)
    }
}
