//! The store itself.

use crate::{Answer, Command, ENTRY_OVERHEAD, Entry, Key, MAX_SCAN, MAX_STATE, Refusal, Value};
use borsh::BorshDeserialize;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use wire::client::MAX_PAYLOAD;
use wire::digest::Hasher;
use wire::service::DIGEST_DOMAIN;
use wire::{ClientId, Digest, List, Service, codec};

/// Version of the snapshot's encoding.
const SNAPSHOT_FORMAT: u16 = 1;

/// What the encoding of [`Answer::Entries`] takes beside its entries, rounded up. Unit: bytes.
const ENTRIES_OVERHEAD: usize = 16;

/// All keys and their values. Cloning shares the bytes.
#[derive(Clone, Debug)]
pub struct Store {
    entries: BTreeMap<Arc<[u8]>, Arc<[u8]>>,
    /// Keys, values and overhead of all entries. Unit: bytes. Never above `limit`.
    size: u64,
    limit: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), size: 0, limit: MAX_STATE }
    }
}

fn cost(key: &[u8], value: &[u8]) -> u64 {
    key.len() as u64 + value.len() as u64 + ENTRY_OVERHEAD
}

impl Store {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store with a cap of its own. All replicas of a cluster need the same.
    #[must_use]
    pub fn with_limit(limit: u64) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is bound.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Carries out one command.
    pub fn apply(&mut self, command: Command) -> Answer {
        match command {
            Command::Put { key, value } => self.put(key, value),
            Command::Delete { key } => match self.entries.remove_entry(&key[..]) {
                Some((key, value)) => {
                    self.size -= cost(&key, &value);
                    Answer::Deleted
                }
                None => Answer::Missing,
            },
            Command::Get { .. } | Command::Scan { .. } => self.read(&command),
        }
    }

    /// Answers a command that changes nothing.
    #[must_use]
    pub fn read(&self, command: &Command) -> Answer {
        match command {
            Command::Get { key } => match self.entries.get(&key[..]) {
                Some(value) => Answer::Found(value_of(value)),
                None => Answer::Missing,
            },
            Command::Scan { prefix, limit } => self.scan(prefix, *limit),
            Command::Put { .. } | Command::Delete { .. } => Answer::Refused(Refusal::ReadOnly),
        }
    }

    fn put(&mut self, key: Key, value: Value) -> Answer {
        let old = self.entries.get(&key[..]).map_or(0, |old| cost(&key, old));
        let size = self.size - old + cost(&key, &value);
        if size > self.limit {
            return Answer::Refused(Refusal::Full);
        }
        self.size = size;
        let value: Arc<[u8]> = value.into_vec().into();
        let replaced = match self.entries.get_mut(&key[..]) {
            Some(held) => {
                *held = value;
                true
            }
            None => self.entries.insert(key.into_vec().into(), value).is_some(),
        };
        Answer::Stored { replaced }
    }

    fn scan(&self, prefix: &[u8], limit: u32) -> Answer {
        let limit = usize::try_from(limit).unwrap_or(MAX_SCAN).min(MAX_SCAN);
        let from: (Bound<&[u8]>, Bound<&[u8]>) = (Bound::Included(prefix), Bound::Unbounded);
        let under = self.entries.range::<[u8], _>(from);
        let mut room = MAX_PAYLOAD - ENTRIES_OVERHEAD;
        let mut entries = Vec::new();
        let mut more = false;
        for (key, value) in under.take_while(|(key, _)| key.starts_with(prefix)) {
            let size = key.len() + value.len() + 8;
            if entries.len() == limit || size > room {
                more = true;
                break;
            }
            room -= size;
            entries.push(Entry { key: key_of(key), value: value_of(value) });
        }
        let entries = List::new(entries).expect("limited to MAX_SCAN above");
        Answer::Entries { entries, more }
    }
}

fn key_of(bytes: &[u8]) -> Key {
    Key::new(bytes.to_vec()).expect("only keys within the cap are stored")
}

fn value_of(bytes: &[u8]) -> Value {
    Value::new(bytes.to_vec()).expect("only values within the cap are stored")
}

impl Store {
    /// The pieces of the snapshot, in order.
    fn write(&self, mut put: impl FnMut(&[u8])) {
        put(&codec::encode(&(SNAPSHOT_FORMAT, self.entries.len() as u64)));
        for (key, value) in &self.entries {
            for part in [key, value] {
                let length = u32::try_from(part.len()).expect("capped at MAX_VALUE");
                put(&length.to_le_bytes());
                put(part);
            }
        }
    }
}

impl Service for Store {
    fn execute(&mut self, _client: ClientId, payload: &[u8]) -> Vec<u8> {
        let answer = match Command::decode(payload) {
            Ok(command) => self.apply(command),
            Err(_) => Answer::Refused(Refusal::Malformed),
        };
        answer.encode()
    }

    fn query(&self, payload: &[u8]) -> Vec<u8> {
        let answer = match Command::decode(payload) {
            Ok(command) => self.read(&command),
            Err(_) => Answer::Refused(Refusal::Malformed),
        };
        answer.encode()
    }

    /// The format version, the number of entries (`u64`) and each entry, in order of keys.
    fn snapshot(&self) -> Vec<u8> {
        let room = usize::try_from(self.size).expect("it is held") + 10;
        let mut bytes = Vec::with_capacity(room);
        self.write(|piece| bytes.extend_from_slice(piece));
        bytes
    }

    fn digest(&self) -> Digest {
        let mut hasher = Hasher::new(DIGEST_DOMAIN);
        self.write(|piece| hasher.put(piece));
        hasher.finish()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), String> {
        let mut rest = snapshot;
        let not_ours = |error| format!("not a snapshot of a key-value store: {error}");
        let (format, count) = <(u16, u64)>::deserialize(&mut rest).map_err(not_ours)?;
        if format != SNAPSHOT_FORMAT {
            return Err(format!("snapshot format {format} where {SNAPSHOT_FORMAT} is known"));
        }
        let mut store = Self::with_limit(self.limit);
        for _ in 0..count {
            let Entry { key, value } = Entry::deserialize(&mut rest).map_err(not_ours)?;
            if store.entries.last_key_value().is_some_and(|(last, _)| **last >= *key) {
                return Err("the snapshot's keys are not in ascending order".to_string());
            }
            if let Answer::Refused(refusal) = store.put(key, value) {
                return Err(format!("the snapshot does not fit: {refusal}"));
            }
        }
        if !rest.is_empty() {
            return Err(format!("{} bytes are left over after the snapshot", rest.len()));
        }
        *self = store;
        Ok(())
    }

    fn fork(&self) -> Box<dyn Service> {
        Box::new(self.clone())
    }
}
