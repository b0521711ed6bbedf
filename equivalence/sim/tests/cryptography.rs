//! Real signatures: runs are what they are with stubs, and what stubs hide is found.

use sim::{Adversaries, Cryptography, Faults, Kind, Options, Report, Setup};
use std::sync::Arc;
use wire::auth::Context;
use wire::machine::{Decoder, Status};
use wire::prime::{Incoming, Message, PoAru, Prime};
use wire::stub::Stub;
use wire::{
    Config, Digest, Effect, Effects, Input, Machine, ReplicaId, Service, Signer, Time, To, Verified,
};

fn under<M: Machine>(cryptography: Cryptography, setup: Setup<M>) -> Setup<M> {
    Setup { cryptography, ..setup }
}

fn reference() -> Setup<prime::Replica> {
    sim::kv_setup(|config, me| prime::Replica::new(config, me, Box::new(kv::Store::default())))
}

fn options(faults: Faults, adversaries: Adversaries) -> Options {
    Options { replicas: 4, recovering: 0, faults, adversaries, scenario: None }
}

/// All that is known of a run and does not depend on what signatures look like.
fn told(report: &Report) -> String {
    let Report {
        seed, violation, history, simulated, submitted, executed, measured, tally, ..
    } = report;
    assert_eq!(*violation, None, "seed {seed}");
    format!("{history} {simulated} {submitted} {executed} {measured:?} {tally:?}")
}

#[test]
fn the_same_seed_does_the_same_under_either_and_executes_the_same() {
    let [stub, real] = [Cryptography::Stub, Cryptography::Real].map(|it| under(it, reference()));
    let sorts = [
        (Faults::Network, Adversaries::None, 0..2),
        (Faults::Swarm, Adversaries::None, 0..3),
        (Faults::Swarm, Adversaries::All, 0..4),
    ];
    for (faults, adversaries, seeds) in sorts {
        let options = options(faults, adversaries);
        for seed in seeds {
            let [stubbed, signed] = [&stub, &real].map(|setup| sim::run(seed, &options, setup));
            assert!(stubbed.executed > 2, "{faults} {adversaries} {seed}");
            assert_eq!(told(&stubbed), told(&signed), "{faults} {adversaries} {seed}");
            // Else nothing was signed otherwise.
            assert_ne!(stubbed.trace, signed.trace, "{faults} {adversaries} {seed}");
        }
    }
}

#[test]
fn the_trace_with_real_signatures_depends_on_the_seed_alone() {
    let (options, real) =
        (options(Faults::Network, Adversaries::None), under(Cryptography::Real, reference()));
    let trace = |threads| sim::suite(0..3, &options, &real, threads, |_| {}).trace;
    assert_eq!(trace(1), trace(2));
}

/// What a replica does wrong about signatures.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Nothing,
    /// Says again what others said, under signatures of its own making.
    Forges,
    /// Its decoder loses half of a signature.
    Halves,
}

/// A replica that is correct but for one thing.
struct Careless {
    inner: prime::Replica,
    context: Context,
    wrong: Wrong,
}

impl Careless {
    /// `row` as if its sender had signed it.
    fn forged(&self, row: &Verified<PoAru>) -> Verified<PoAru> {
        let signer = Signer::new(self.context.clone(), Arc::new(Stub(row.signer().into())));
        signer.sign_all(row.signer(), vec![row.body().clone()]).remove(0)
    }
}

impl Machine for Careless {
    type Protocol = Prime;

    fn new(config: &Config, me: ReplicaId, service: Box<dyn Service>) -> Self {
        let inner = prime::Replica::new(config, me, service);
        Self { inner, context: Context::from(config), wrong: Wrong::Nothing }
    }

    fn decoder(&self) -> Decoder<Prime> {
        let (inner, halves) = (self.inner.decoder(), self.wrong == Wrong::Halves);
        Arc::new(move |bytes| {
            let mut decoded = inner(bytes);
            if let (true, Ok(Message::PoAru(row))) = (halves, &mut decoded) {
                row.auth.signature.0[32..].fill(0);
            }
            decoded
        })
    }

    fn step(&mut self, now: Time, input: Input<Prime>, effects: &mut Effects<Prime>) {
        let said = match &input {
            Input::Message(Incoming::PoAru(row)) if self.wrong == Wrong::Forges => {
                Some(self.forged(row))
            }
            _ => None,
        };
        self.inner.step(now, input, effects);
        if let Some(row) = said {
            effects.push(Effect::Relay { to: To::Others, message: row.into() });
        }
    }

    fn deadline(&self) -> Option<Time> {
        self.inner.deadline()
    }

    fn status(&self) -> Status {
        self.inner.status()
    }

    fn replicated(&self) -> Digest {
        self.inner.replicated()
    }

    fn fork(&self) -> Self {
        Self { inner: self.inner.fork(), context: self.context.clone(), wrong: self.wrong }
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

/// What is found where replica 2 does `wrong`.
fn found(wrong: Wrong, cryptography: Cryptography) -> Option<Kind> {
    let setup = sim::kv_setup(move |config, me| {
        let mut machine = Careless::new(config, me, Box::new(kv::Store::default()));
        machine.wrong = if me == ReplicaId(2) { wrong } else { Wrong::Nothing };
        machine
    });
    let options = options(Faults::None, Adversaries::None);
    let violation = sim::run(0, &options, &under(cryptography, setup)).violation;
    violation.map(|violation| violation.kind)
}

#[test]
fn signatures_that_nobody_made_or_half_of_which_is_lost_are_seen_by_the_real_scheme_alone() {
    assert_eq!(found(Wrong::Nothing, Cryptography::Real), None);
    for wrong in [Wrong::Forges, Wrong::Halves] {
        assert_eq!(found(wrong, Cryptography::Stub), None);
        assert_eq!(found(wrong, Cryptography::Real), Some(Kind::Refused));
    }
}
