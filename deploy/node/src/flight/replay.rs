//! Runs a core over a record, without network, disk or keys.

use super::format::{self, Entry, Sort};
use crate::panic::Fatal;
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use wire::auth::{Claim, Context, Scheme};
use wire::machine::{Decoder, Effects, Input, Machine, Protocol, Record};
use wire::threshold::{Point, PointClaim, ThresholdScheme};
use wire::{Digest, Gate, ReplicaId, Signature, codec};

/// What was recorded had been verified; it is not verified again.
struct Recorded;

impl Scheme for Recorded {
    fn sign(&self, _root: &Digest) -> Signature {
        Signature([0; 64])
    }

    fn verify(&self, _claim: &Claim) -> bool {
        true
    }
}

impl ThresholdScheme for Recorded {
    fn share(&self, _digest: &Digest) -> Point {
        Point([0; 48])
    }

    fn combine(&self, _digest: &Digest, _shares: &[(ReplicaId, Point)]) -> Option<Point> {
        None
    }

    fn verify(&self, _claim: &PointClaim) -> bool {
        true
    }
}

/// How a replay ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Inputs stepped through without a panic.
    pub(crate) steps: u64,
    /// Of the abstract state at the end; absent after a panic.
    pub(crate) digest: Option<Digest>,
    /// The panic, and the kind of input that it came from.
    pub(crate) panic: Option<(Fatal, &'static str)>,
    /// Bytes at the end that are no complete entry.
    pub(crate) left_over: usize,
}

impl Outcome {
    /// One JSON object.
    pub(crate) fn json(&self) -> Value {
        let panic = self.panic.as_ref().map(|(fatal, kind)| {
            json!({
                "place": fatal.place,
                "message": fatal.message,
                "input": self.steps,
                "kind": kind,
            })
        });
        json!({
            "steps": self.steps,
            "digest": self.digest.map(|digest| digest.to_string()),
            "panic": panic,
            "left_over": self.left_over,
        })
    }
}

/// Runs a new core over `record`.
///
/// # Errors
/// A sentence, if the bytes are no record, or one whose messages this program cannot decode.
pub(crate) fn replay<M: Machine>(record: &[u8]) -> Result<Outcome, String> {
    let (header, mut entries) = format::read_header(record)?;
    header.config.check().map_err(|error| error.to_string())?;
    let gate = Gate::new(Context::from(&header.config), Arc::new(Recorded));
    let gate = gate.with_threshold(Arc::new(Recorded));
    let made =
        crate::panic::caught(|| M::new(&header.config, header.replica, Box::new(kv::Store::new())));
    let mut outcome = Outcome { steps: 0, digest: None, panic: None, left_over: 0 };
    let mut machine = match made {
        Ok(machine) => machine,
        Err(fatal) => return Ok(Outcome { panic: Some((fatal, "making")), ..outcome }),
    };
    let decoder = machine.decoder();
    let mut effects = Effects::default();
    while let Some((entry, rest)) = format::read_entry(entries) {
        let stepped = crate::panic::caught(|| {
            let input = input::<M::Protocol>(&gate, &decoder, &entry)?;
            machine.step(entry.now, input, &mut effects);
            drop(effects.drain());
            Ok::<_, String>(())
        });
        match stepped {
            Ok(Ok(())) => outcome.steps += 1,
            Ok(Err(what)) => return Err(format!("entry {}: {what}", outcome.steps)),
            Err(fatal) => {
                outcome.panic = Some((fatal, entry.sort.word()));
                return Ok(outcome);
            }
        }
        entries = rest;
    }
    outcome.left_over = entries.len();
    outcome.digest = catch_unwind(AssertUnwindSafe(|| machine.digest())).ok();
    Ok(outcome)
}

fn input<P: Protocol>(
    gate: &Gate,
    decoder: &Decoder<P>,
    entry: &Entry<'_>,
) -> Result<Input<P>, String> {
    let incoming = || {
        let message = decoder(entry.bytes).map_err(|reason| format!("decoding: {reason:?}"))?;
        P::admit(gate, message).map_err(|error| error.to_string())
    };
    let malformed = |error: codec::Malformed| error.to_string();
    Ok(match entry.sort {
        Sort::RecoveredPromise => {
            Input::Recovered(Record::Promise(codec::decode(entry.bytes).map_err(malformed)?))
        }
        Sort::RecoveredHeld => Input::Recovered(Record::Held(incoming()?)),
        Sort::Start => Input::Start(codec::decode(entry.bytes).map_err(malformed)?),
        Sort::Message => Input::Message(incoming()?),
        Sort::Update => {
            let update = codec::decode(entry.bytes).map_err(malformed)?;
            Input::Update(gate.verify(update).map_err(|error| error.to_string())?)
        }
        Sort::Persisted => Input::Persisted(codec::decode(entry.bytes).map_err(malformed)?),
        Sort::Timer => Input::Timer,
    })
}
