//! A key-value store: the first service that is replicated.
//!
//! A client encodes a [`Command`] as an update's payload and decodes the result as an
//! [`Answer`]. Both are bounded: a key is at most [`MAX_KEY`] bytes, a value [`MAX_VALUE`], an
//! answer fits an update's result, and the store as a whole holds at most [`MAX_STATE`] bytes.
//! What encodes no command is answered with [`Answer::Refused`].
//!
//! Everything is decided by the state and the command alone, so equal histories give equal
//! answers and equal snapshots everywhere.

mod command;
mod store;

pub use command::{Answer, Command, Entry, Key, Refusal, Value};
pub use store::Store;

/// Longest key. Unit: bytes.
pub const MAX_KEY: usize = 1 << 10;

/// Longest value. Unit: bytes. Leaves room for a key and the encoding within one payload.
pub const MAX_VALUE: usize = 60 << 10;

/// Most entries in one answer to a scan.
pub const MAX_SCAN: usize = 1 << 10;

/// Most bytes in the store: keys, values and [`ENTRY_OVERHEAD`] for each entry.
pub const MAX_STATE: u64 = 1 << 30;

/// What an entry counts beside its key and value. Unit: bytes.
pub const ENTRY_OVERHEAD: u64 = 64;

const _: () = assert!(MAX_KEY + MAX_VALUE + 64 <= wire::client::MAX_PAYLOAD);
