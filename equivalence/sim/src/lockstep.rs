//! Two machines that must do the same, step by step, as one machine.

use wire::machine::{Decoder, Status};
use wire::{Config, Digest, Effect, Effects, Input, Machine, Protocol, ReplicaId, Service, Time};

/// How many steps there are to one after which the abstract states are compared: that costs more than
/// hundreds of steps.
const SELDOM: u64 = 128;

/// Gives each input to both of its machines and says what the first says. The second must say the
/// same in every step, in whatever order, and be in the same abstract state now and then, to which its own
/// history has led: what it hides between calls comes out here.
///
/// Where they differ it panics: to the simulator, a death, with the place in its detail.
pub struct Lockstep<A, B> {
    first: A,
    second: B,
    steps: u64,
}

impl<A: Machine<Protocol: PartialEq>, B: Machine<Protocol = A::Protocol>> Lockstep<A, B> {
    fn compare(&self, said: &[Effect<A::Protocol>], other: &[Effect<A::Protocol>]) {
        let Self { first, second, steps } = self;
        if let Some(which) = differing(said, other) {
            panic!("step {steps}: {which}");
        }
        let looked_at = steps.is_multiple_of(SELDOM);
        assert!(
            !looked_at || first.digest() == second.digest(),
            "step {steps}: the abstract states differ"
        );
        assert!(first.deadline() == second.deadline(), "step {steps}: the deadlines differ");
    }
}

/// An effect that only one of two lists has, tokens left out of account.
fn differing<P: Protocol + PartialEq>(one: &[Effect<P>], other: &[Effect<P>]) -> Option<String> {
    let mut left: Vec<&Effect<P>> = other.iter().collect();
    for effect in one {
        match left.iter().position(|candidate| same(effect, candidate)) {
            Some(at) => drop(left.remove(at)),
            None => return Some(format!("the second machine does not say {effect:?}")),
        }
    }
    left.first().map(|effect| format!("the second machine also says {effect:?}"))
}

fn same<P: Protocol + PartialEq>(one: &Effect<P>, other: &Effect<P>) -> bool {
    match (one, other) {
        (Effect::Persist { record: one, .. }, Effect::Persist { record: other, .. }) => {
            one == other
        }
        _ => one == other,
    }
}

impl<A: Machine<Protocol: PartialEq>, B: Machine<Protocol = A::Protocol>> Machine
    for Lockstep<A, B>
{
    type Protocol = A::Protocol;

    fn new(config: &Config, me: ReplicaId, service: Box<dyn Service>) -> Self {
        let second = B::new(config, me, service.fork());
        Self { first: A::new(config, me, service), second, steps: 0 }
    }

    fn decoder(&self) -> Decoder<Self::Protocol> {
        self.first.decoder()
    }

    fn step(
        &mut self,
        now: Time,
        input: Input<Self::Protocol>,
        effects: &mut Effects<Self::Protocol>,
    ) {
        self.steps += 1;
        let before = effects.as_slice().len();
        let mut other = Effects::default();
        self.first.step(now, input.clone(), effects);
        self.second.step(now, input, &mut other);
        self.compare(&effects.as_slice()[before..], other.as_slice());
    }

    fn deadline(&self) -> Option<Time> {
        self.first.deadline()
    }

    fn status(&self) -> Status {
        self.first.status()
    }

    fn replicated(&self) -> Digest {
        self.first.replicated()
    }

    fn fork(&self) -> Self {
        Self { first: self.first.fork(), second: self.second.fork(), steps: self.steps }
    }

    fn digest(&self) -> Digest {
        self.first.digest()
    }

    fn snapshot(&self) -> Vec<u8> {
        self.first.snapshot()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.second.restore(snapshot)?;
        self.first.restore(snapshot)
    }
}
