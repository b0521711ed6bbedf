//! What crosses, in both directions. The encoding is borsh, the version is [`crate::ABI`].

use crate::Died;
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::auth::{AuthError, Context, Scheme};
use wire::ed25519::{Ed25519, PublicKey, SecretKey};
use wire::machine::{Record, Status};
use wire::prime::{Body, Message, Prime};
use wire::stub::{Stub, StubThreshold};
use wire::{
    ClientId, Config, Digest, Effect, Effects, Gate, Input, Memory, Principal, Proofs, Protocol,
    Reject, ReplicaId, Reply, Signed, Time, To, Update,
};

/// With what the messages that cross were signed.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum SchemeKind {
    /// [`Stub`]: no cryptography, for simulation and fuzzing.
    Stub,
    /// [`Ed25519`] under everybody's public keys, as in a deployed cluster. Threshold signatures are
    /// stubs here too.
    Ed25519(BTreeMap<Principal, [u8; 32]>),
}

impl SchemeKind {
    /// Lets through what replica `me` would let through; nothing is signed on this boundary.
    ///
    /// # Errors
    /// A sentence that names a key that cannot be enrolled.
    pub(crate) fn gate(&self, config: &Config, me: ReplicaId) -> Result<Gate, String> {
        let scheme: Arc<dyn Scheme> = match self {
            Self::Stub => Arc::new(Stub(me.into())),
            Self::Ed25519(keys) => {
                let enrolled = keys.iter().map(|(principal, bytes)| {
                    let key = PublicKey::enrol(*bytes);
                    let key = key.map_err(|error| format!("the key of {principal:?}: {error}"))?;
                    Ok((*principal, key))
                });
                // Of no use to anybody: nothing is signed.
                let secret = SecretKey::from_seed(&[0; 32]);
                Arc::new(Ed25519::new(secret, enrolled.collect::<Result<_, String>>()?))
            }
        };
        let gate = Gate::new(Context::from(config), scheme);
        Ok(match config.proofs {
            Proofs::Certificate => gate,
            Proofs::Threshold => gate.with_threshold(Arc::new(StubThreshold::new(config, me))),
        })
    }
}

/// Which service a machine is created with. It lives on the machine's side.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ServiceKind {
    /// An empty [`kv::Store`].
    Store,
    /// A [`kv::Store`] in the state of this snapshot.
    StoreOf(Vec<u8>),
}

/// [`Record`] on its way across.
#[derive(Clone, BorshSerialize, BorshDeserialize)]
pub(crate) enum RecordBytes {
    Promise(Body),
    Held(Message),
}

impl RecordBytes {
    fn of(record: Record<Prime>) -> Self {
        match record {
            Record::Promise(body) => Self::Promise(body),
            Record::Held(message) => Self::Held(Prime::message(&message)),
        }
    }

    fn admit(self, gate: &Gate) -> Result<Record<Prime>, AuthError> {
        Ok(match self {
            Self::Promise(body) => Record::Promise(body),
            Self::Held(message) => Record::Held(Prime::admit(gate, message)?),
        })
    }
}

/// [`Input`] on its way in.
#[derive(Clone, BorshSerialize, BorshDeserialize)]
pub(crate) enum InputBytes {
    Recovered(RecordBytes),
    Start(Memory),
    Message(Message),
    Update(Signed<Update>),
    Persisted(u64),
    Timer,
}

impl InputBytes {
    pub(crate) fn of(input: Input<Prime>) -> Self {
        match input {
            Input::Recovered(record) => Self::Recovered(RecordBytes::of(record)),
            Input::Start(memory) => Self::Start(memory),
            Input::Message(message) => Self::Message(Prime::message(&message)),
            Input::Update(update) => Self::Update(update.signed().clone()),
            Input::Persisted(token) => Self::Persisted(token),
            Input::Timer => Self::Timer,
        }
    }

    pub(crate) fn admit(self, gate: &Gate) -> Result<Input<Prime>, AuthError> {
        Ok(match self {
            Self::Recovered(record) => Input::Recovered(record.admit(gate)?),
            Self::Start(memory) => Input::Start(memory),
            Self::Message(message) => Input::Message(Prime::admit(gate, message)?),
            Self::Update(update) => Input::Update(gate.verify(update)?),
            Self::Persisted(token) => Input::Persisted(token),
            Self::Timer => Input::Timer,
        })
    }
}

/// [`Effect`] on its way out.
#[derive(BorshSerialize, BorshDeserialize)]
pub(crate) enum EffectBytes {
    Persist(RecordBytes),
    Send(To, Body),
    Relay(To, Message),
    Reply(Reply),
    Executed(u64, ClientId, Digest),
    Restored(u64),
    Rewrite(Vec<RecordBytes>),
    Reject(Option<ReplicaId>, Reject),
}

impl EffectBytes {
    pub(crate) fn of(effect: Effect<Prime>) -> Self {
        match effect {
            Effect::Persist { record, .. } => Self::Persist(RecordBytes::of(record)),
            Effect::Send { to, body } => Self::Send(to, body),
            Effect::Relay { to, message } => Self::Relay(to, Prime::message(&message)),
            Effect::Reply(reply) => Self::Reply(reply),
            Effect::Executed { index, client, update } => Self::Executed(index, client, update),
            Effect::Restored { index } => Self::Restored(index),
            Effect::Rewrite { records } => {
                Self::Rewrite(records.into_iter().map(RecordBytes::of).collect())
            }
            Effect::Reject { from, reason } => Self::Reject(from, reason),
        }
    }

    /// Adds the effect to `effects`, which number the persists anew: the same numbers, as long
    /// as one `Effects` serves the machine for life.
    pub(crate) fn add(self, gate: &Gate, effects: &mut Effects<Prime>) -> Result<(), AuthError> {
        effects.push(match self {
            Self::Persist(record) => {
                effects.persist(record.admit(gate)?);
                return Ok(());
            }
            Self::Send(to, body) => Effect::Send { to, body },
            Self::Relay(to, message) => Effect::Relay { to, message: Prime::admit(gate, message)? },
            Self::Reply(reply) => Effect::Reply(reply),
            Self::Executed(index, client, update) => Effect::Executed { index, client, update },
            Self::Restored(index) => Effect::Restored { index },
            Self::Rewrite(records) => {
                let records = records.into_iter().map(|record| record.admit(gate));
                Effect::Rewrite { records: records.collect::<Result<_, _>>()? }
            }
            Self::Reject(from, reason) => Effect::Reject { from, reason },
        });
        Ok(())
    }
}

/// What the host asks. Machines are meant by the number that their creation gave.
#[derive(BorshSerialize, BorshDeserialize)]
pub(crate) enum Request {
    Provenance,
    Create { config: Box<Config>, me: ReplicaId, scheme: SchemeKind, service: ServiceKind },
    Step { machine: u64, now: Time, input: Box<InputBytes> },
    Status(u64),
    Replicated(u64),
    Fork(u64),
    Digest(u64),
    Snapshot(u64),
    Restore(u64, Vec<u8>),
    Decode(u64, Vec<u8>),
    Drop(u64),
}

/// What the library answers.
#[derive(BorshSerialize, BorshDeserialize)]
pub(crate) enum Answer {
    Provenance(String),
    Created {
        machine: u64,
        deadline: Option<Time>,
    },
    Stepped {
        effects: Vec<EffectBytes>,
        deadline: Option<Time>,
    },
    Status(Status),
    Digest(Digest),
    Snapshot(Vec<u8>),
    Restored {
        result: Result<(), String>,
        deadline: Option<Time>,
    },
    Decoded(Box<Result<Message, Reject>>),
    Dropped,
    /// The machine's code panicked.
    Died(Died),
    /// The request makes no sense: a mistake of the host.
    Refused(String),
}
