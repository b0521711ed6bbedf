//! A replica with a planted fault: any message that carries [`TRIGGER`] makes it panic.
//!
//! Otherwise it is the reference. Tests use it to see a replica die of its own code, the others
//! go on, and a replay find the place.

use std::process::ExitCode;
use wire::machine::{Decoder, Effects, Input, Machine, Protocol, Status};
use wire::prime::Prime;
use wire::{Config, Digest, ReplicaId, Service, Time};

/// What kills it.
const TRIGGER: &[u8] = b"the straw that breaks the camel's back";

struct Fragile(prime::Replica);

impl Machine for Fragile {
    type Protocol = Prime;

    fn new(config: &Config, me: ReplicaId, service: Box<dyn Service>) -> Self {
        Self(prime::Replica::new(config, me, service))
    }

    fn decoder(&self) -> Decoder<Prime> {
        self.0.decoder()
    }

    fn step(&mut self, now: Time, input: Input<Prime>, effects: &mut Effects<Prime>) {
        if let Input::Message(message) = &input {
            let bytes = wire::codec::encode(&Prime::message(message));
            assert!(!bytes.windows(TRIGGER.len()).any(|w| w == TRIGGER), "the planted fault");
        }
        self.0.step(now, input, effects);
    }

    fn deadline(&self) -> Option<Time> {
        self.0.deadline()
    }

    fn status(&self) -> Status {
        self.0.status()
    }

    fn replicated(&self) -> Digest {
        self.0.replicated()
    }

    fn fork(&self) -> Self {
        Self(self.0.fork())
    }

    fn digest(&self) -> Digest {
        self.0.digest()
    }

    fn snapshot(&self) -> Vec<u8> {
        self.0.snapshot()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        self.0.restore(snapshot)
    }
}

fn main() -> ExitCode {
    node::main::<Fragile, node::signatures::Zebra, node::threshold::Absent>(
        r#"{"composition":"fragile"}"#,
    )
}
