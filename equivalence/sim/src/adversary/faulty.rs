//! A correct core and its adversary as one machine.

use super::turn::Deed;
use super::{Adversary, Saying, Turn};
use crate::rng::Rng;
use std::collections::BTreeMap;
use wire::machine::{Decoder, Status};
use wire::{Config, Digest, Effect, Effects, Input, Machine, ReplicaId, Service, Time};

/// A Byzantine replica: `M` behaves, the adversary does not.
///
/// What the core logs is left alone, and so is what it reads back: after a restart the core goes on
/// from its log, and the adversary begins anew.
pub struct Faulty<M: Machine> {
    inner: M,
    adversary: Box<dyn Adversary<M::Protocol>>,
    config: Config,
    me: ReplicaId,
    rng: Rng,
    /// What was put off, by time and then in the order in which it was.
    later: BTreeMap<(Time, u64), Deed<M::Protocol>>,
    put_off: u64,
}

/// Does nothing of its own.
#[derive(Clone, Copy)]
struct Harmless;

impl<P: wire::Protocol> Adversary<P> for Harmless {
    fn fork(&self) -> Box<dyn Adversary<P>> {
        Box::new(*self)
    }
}

impl<M: Machine> Faulty<M> {
    /// Puts `adversary` between `inner`, the replica `me` of `config`, and the world. All its chance
    /// comes from `seed`.
    #[must_use]
    pub fn with(
        inner: M,
        config: &Config,
        me: ReplicaId,
        adversary: Box<dyn Adversary<M::Protocol>>,
        seed: u64,
    ) -> Self {
        let (config, rng) = (config.clone(), Rng::new(seed));
        Self { inner, adversary, config, me, rng, later: BTreeMap::new(), put_off: 0 }
    }

    /// Lets the adversary act; what it does now is done, the rest remembered.
    fn turn(
        &mut self,
        now: Time,
        effects: &mut Effects<M::Protocol>,
        act: impl FnOnce(&mut dyn Adversary<M::Protocol>, &mut Turn<'_, M::Protocol>),
    ) {
        let mut deeds = Vec::new();
        let inner = &self.inner;
        let mut turn = Turn {
            config: &self.config,
            me: self.me,
            now,
            rng: &mut self.rng,
            core: &|| inner.status(),
            deeds: &mut deeds,
        };
        act(&mut *self.adversary, &mut turn);
        for (at, deed) in deeds {
            if at <= now {
                self.carry_out(now, deed, effects);
            } else {
                self.put_off += 1;
                self.later.insert((at, self.put_off), deed);
            }
        }
    }

    fn carry_out(
        &mut self,
        now: Time,
        deed: Deed<M::Protocol>,
        effects: &mut Effects<M::Protocol>,
    ) {
        match deed {
            Deed::Say(to, Saying::Own(body)) => effects.push(Effect::Send { to, body }),
            Deed::Say(to, Saying::Relayed(message)) => effects.push(Effect::Relay { to, message }),
            Deed::Answer(reply) => effects.push(Effect::Reply(reply)),
            Deed::Hear(input) => self.feed(now, input, effects),
        }
    }

    /// Steps the core, and asks the adversary about whatever that wants to say.
    fn feed(&mut self, now: Time, input: Input<M::Protocol>, effects: &mut Effects<M::Protocol>) {
        let before = effects.drain();
        self.inner.step(now, input, effects);
        let wanted = effects.drain();
        before.into_iter().for_each(|effect| effects.push(effect));
        for effect in wanted {
            match effect {
                Effect::Send { to, body } => {
                    self.turn(now, effects, |it, turn| it.says(turn, to, Saying::Own(body)));
                }
                Effect::Relay { to, message } => {
                    self.turn(now, effects, |it, turn| {
                        it.says(turn, to, Saying::Relayed(message));
                    });
                }
                Effect::Reply(reply) => self.turn(now, effects, |it, turn| it.answers(turn, reply)),
                Effect::Persist { .. }
                | Effect::Rewrite { .. }
                | Effect::Executed { .. }
                | Effect::Restored { .. }
                | Effect::Reject { .. } => effects.push(effect),
            }
        }
    }

    /// Does what was put off until now, and wakes the adversary if it wanted that.
    fn wake(&mut self, now: Time, effects: &mut Effects<M::Protocol>) {
        while let Some(entry) = self.later.first_entry().filter(|entry| entry.key().0 <= now) {
            let deed = entry.remove();
            self.carry_out(now, deed, effects);
        }
        if self.adversary.deadline().is_some_and(|at| at <= now) {
            self.turn(now, effects, |it, turn| it.wakes(turn));
            let next = self.adversary.deadline();
            assert!(next.is_none_or(|at| at > now), "an adversary's deadline moves on");
        }
    }
}

impl<M: Machine> Machine for Faulty<M> {
    type Protocol = M::Protocol;

    /// Correct until [`Faulty::with`] gives it an adversary.
    fn new(config: &Config, me: ReplicaId, service: Box<dyn Service>) -> Self {
        Self::with(M::new(config, me, service), config, me, Box::new(Harmless), 0)
    }

    fn decoder(&self) -> Decoder<M::Protocol> {
        self.inner.decoder()
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the rest is between host and core")]
    fn step(&mut self, now: Time, input: Input<M::Protocol>, effects: &mut Effects<M::Protocol>) {
        match input {
            Input::Message(_) | Input::Update(_) => {
                self.turn(now, effects, |it, turn| it.hears(turn, input));
            }
            Input::Timer => {
                self.wake(now, effects);
                if self.inner.deadline().is_some_and(|at| at <= now) {
                    self.feed(now, input, effects);
                }
            }
            _ => self.feed(now, input, effects),
        }
    }

    fn deadline(&self) -> Option<Time> {
        let later = self.later.first_key_value().map(|((at, _), _)| *at);
        [self.inner.deadline(), self.adversary.deadline(), later].into_iter().flatten().min()
    }

    fn status(&self) -> Status {
        self.inner.status()
    }

    fn replicated(&self) -> Digest {
        self.inner.replicated()
    }

    fn fork(&self) -> Self {
        Self {
            inner: self.inner.fork(),
            adversary: self.adversary.fork(),
            config: self.config.clone(),
            me: self.me,
            rng: self.rng.clone(),
            later: self.later.clone(),
            put_off: self.put_off,
        }
    }

    fn digest(&self) -> Digest {
        self.inner.digest()
    }

    fn snapshot(&self) -> Vec<u8> {
        self.inner.snapshot()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.inner.restore(snapshot)
    }
}
