//! What clients ask and what they are answered.

use crate::{MAX_KEY, MAX_SCAN, MAX_VALUE};
use borsh::{BorshDeserialize, BorshSerialize};
use wire::{Blob, List, codec};

/// A key; any bytes.
pub type Key = Blob<MAX_KEY>;

/// A value; any bytes.
pub type Value = Blob<MAX_VALUE>;

/// One operation. A payload is the canonical encoding of one.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Command {
    /// Binds `key` to `value`. Answered by [`Answer::Stored`].
    Put {
        /// Where.
        key: Key,
        /// What.
        value: Value,
    },
    /// Reads `key`. Answered by [`Answer::Found`] or [`Answer::Missing`].
    Get {
        /// Where.
        key: Key,
    },
    /// Removes `key`. Answered by [`Answer::Deleted`] or [`Answer::Missing`].
    Delete {
        /// Where.
        key: Key,
    },
    /// Reads, in order of keys, what lies under a prefix. Answered by [`Answer::Entries`].
    Scan {
        /// Every key that starts with it; the empty prefix means all.
        prefix: Key,
        /// Most entries wanted; at most [`MAX_SCAN`] are given.
        limit: u32,
    },
}

/// One key and its value.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Entry {
    /// Where.
    pub key: Key,
    /// What.
    pub value: Value,
}

/// The result of one operation.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Answer {
    /// The value is bound.
    Stored {
        /// Whether another value was replaced.
        replaced: bool,
    },
    /// The key's value.
    Found(Value),
    /// The key is not bound.
    Missing,
    /// The key was bound and is no more.
    Deleted,
    /// The first entries under the prefix.
    Entries {
        /// In order of keys.
        entries: List<Entry, MAX_SCAN>,
        /// Whether entries were left out: the limit was reached or the answer is full.
        more: bool,
    },
    /// Nothing was done.
    Refused(Refusal),
}

/// Why nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, thiserror::Error)]
pub enum Refusal {
    /// The payload encodes no command.
    #[error("the payload encodes no command")]
    Malformed,
    /// The store is at its cap.
    #[error("the store is full")]
    Full,
    /// A query may not change anything.
    #[error("a query may not change anything")]
    ReadOnly,
}

impl Command {
    /// The payload of this command.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// The command that `payload` encodes.
    ///
    /// # Errors
    /// [`codec::Malformed`] if it encodes none.
    pub fn decode(payload: &[u8]) -> Result<Self, codec::Malformed> {
        codec::decode(payload)
    }
}

impl Answer {
    /// The result that carries this answer.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// The answer that `result` carries.
    ///
    /// # Errors
    /// [`codec::Malformed`] if it carries none.
    pub fn decode(result: &[u8]) -> Result<Self, codec::Malformed> {
        codec::decode(result)
    }
}
