//! The bytes of a record.

use borsh::{BorshDeserialize, BorshSerialize};
use wire::{Config, ReplicaId, Time, codec};

/// Version of the format. A reader refuses any other. The header holds the configuration, so what
/// changes that changes the format.
const FORMAT: u16 = 4;

const MAGIC: [u8; 8] = *b"PATCHFLT";

/// Longest header. Unit: bytes.
const MAX_HEADER: usize = 1 << 16;

/// The head of a record: all that a core is made from.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Header {
    pub(crate) config: Config,
    pub(crate) replica: ReplicaId,
    /// Of the program that recorded.
    pub(crate) provenance: String,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    RecoveredPromise,
    RecoveredHeld,
    Start,
    Message,
    Update,
    Persisted,
    Timer,
}

const SORTS: [(Sort, &str); 7] = [
    (Sort::RecoveredPromise, "recovered promise"),
    (Sort::RecoveredHeld, "recovered message"),
    (Sort::Start, "start"),
    (Sort::Message, "message"),
    (Sort::Update, "update"),
    (Sort::Persisted, "persisted"),
    (Sort::Timer, "timer"),
];

impl Sort {
    /// The word for people.
    pub(crate) fn word(self) -> &'static str {
        SORTS.iter().find(|(sort, _)| *sort == self).map_or("", |(_, word)| word)
    }

    fn tag(self) -> u8 {
        let at = SORTS.iter().position(|(sort, _)| *sort == self);
        at.and_then(|at| u8::try_from(at).ok()).expect("every sort is in the table")
    }
}

impl Header {
    /// The header's bytes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let content = codec::encode(&(FORMAT, self));
        let length = u32::try_from(content.len()).expect("headers are small");
        [&MAGIC[..], &length.to_le_bytes(), &content].concat()
    }
}

/// Adds one entry.
pub(crate) fn add_entry(out: &mut Vec<u8>, sort: Sort, now: Time, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("messages are bounded");
    out.push(sort.tag());
    out.extend_from_slice(&now.0.to_le_bytes());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(bytes);
}

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub(crate) sort: Sort,
    pub(crate) now: Time,
    pub(crate) bytes: &'a [u8],
}

/// Splits a record into header and the bytes of its entries.
///
/// # Errors
/// A sentence, if it is no record of this format.
pub(crate) fn read_header(record: &[u8]) -> Result<(Header, &[u8]), String> {
    let rest = record.strip_prefix(&MAGIC).ok_or("it is no flight record")?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or("its header is incomplete")?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > MAX_HEADER || length > rest.len() {
        return Err("its header is incomplete".to_string());
    }
    let (content, entries) = rest.split_at(length);
    match content.first_chunk::<2>().map(|format| u16::from_le_bytes(*format)) {
        Some(FORMAT) => {}
        other => {
            return Err(format!("it has format {other:?}, but this program knows {FORMAT}"));
        }
    }
    let (_, header) = codec::decode::<(u16, Header)>(content).map_err(|e| e.to_string())?;
    Ok((header, entries))
}

/// The entry at the start of `bytes` and what follows it; `None` where no entry is complete.
pub(crate) fn read_entry(bytes: &[u8]) -> Option<(Entry<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (now, rest) = rest.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (sort, _) = *SORTS.get(usize::from(tag))?;
    let (bytes, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((Entry { sort, now: Time(u64::from_le_bytes(*now)), bytes }, rest))
}
