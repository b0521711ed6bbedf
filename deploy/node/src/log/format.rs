//! The bytes of a log.
//!
//! A log is a sequence of *segments*, files named by their number. A segment is a header and
//! *batches*; a batch is what was appended by one write. Positions count bytes from the start of
//! the first segment's header, through all segments.
//!
//! A log that was begun anew starts with a *base*, a file of the same build that stands for the
//! segments before it (`base`).
//!
//! A batch says at which position it stands, so bytes that were misplaced or written before do
//! not pass for it, and up to where the log was known to be synced when it was written, so a
//! reader can tell damage to what was relied upon from a tail that never was. Its header has a
//! checksum of its own, so that a length can be believed before the payload is there, and its last
//! byte is never zero, so that no page on which it ends reads as one that was never written.

use borsh::{BorshDeserialize, BorshSerialize};
use wire::{Digest, ReplicaId};

/// Version of the format. A reader refuses any other.
pub(crate) const FORMAT: u16 = 2;

const SEGMENT_MAGIC: [u8; 8] = *b"PATCHLOG";
const BASE_MAGIC: [u8; 8] = *b"PATCHBAS";
const BATCH_MAGIC: [u8; 4] = *b"PBAT";

/// Bytes of a segment's header.
pub(crate) const SEGMENT_HEADER: usize = 68;

/// Bytes of a batch's header: magic, checksum of the rest of the header, checksum of the payload, its
/// length, position, synced.
pub(crate) const BATCH_HEADER: usize = 32;

/// The last byte of every payload.
pub(crate) const BATCH_END: u8 = 0xbe;

/// Whose log it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Identity {
    /// Of which cluster.
    pub(crate) cluster: Digest,
    /// In which epoch.
    pub(crate) epoch: u32,
    /// Of which replica.
    pub(crate) replica: ReplicaId,
}

/// The head of one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Segment {
    pub(crate) format: u16,
    pub(crate) identity: Identity,
    /// From 1.
    pub(crate) number: u64,
    /// Position of its first byte.
    pub(crate) start: u64,
}

impl Segment {
    /// The header's bytes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        self.encode_as(SEGMENT_MAGIC)
    }

    /// The bytes of the header of a base; see `base`.
    pub(crate) fn encode_base(&self) -> Vec<u8> {
        self.encode_as(BASE_MAGIC)
    }

    fn encode_as(&self, magic: [u8; 8]) -> Vec<u8> {
        let mut bytes = magic.to_vec();
        bytes.extend(wire::codec::encode(self));
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        debug_assert_eq!(bytes.len(), SEGMENT_HEADER);
        bytes
    }

    /// Reads a header; `None` if the bytes are damaged or none.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        Self::decode_as(SEGMENT_MAGIC, bytes)
    }

    /// Reads the header of a base; `None` if the bytes are damaged or none.
    pub(crate) fn decode_base(bytes: &[u8]) -> Option<Self> {
        Self::decode_as(BASE_MAGIC, bytes)
    }

    fn decode_as(magic: [u8; 8], bytes: &[u8]) -> Option<Self> {
        let header = bytes.get(..SEGMENT_HEADER)?;
        let (content, checksum) = header.split_at(SEGMENT_HEADER - 4);
        if checksum != crc32fast::hash(content).to_le_bytes() {
            return None;
        }
        wire::codec::decode(content.strip_prefix(&magic)?).ok()
    }
}

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An unsigned body that we promised.
    Promise,
    /// Somebody's signed message.
    Held,
}

/// One record, still encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Raw {
    pub(crate) kind: Kind,
    pub(crate) bytes: Vec<u8>,
}

/// Starts a batch: its header is filled in by [`finish_batch`].
pub(crate) fn start_batch(out: &mut Vec<u8>) {
    out.clear();
    out.resize(BATCH_HEADER, 0);
}

/// Adds one record to a batch. `write` appends its bytes.
pub(crate) fn add_record(out: &mut Vec<u8>, kind: Kind, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(match kind {
        Kind::Promise => 0,
        Kind::Held => 1,
    });
    let length_at = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    let length = u32::try_from(out.len() - length_at - 4).expect("messages are bounded");
    out[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
}

/// Completes a batch that will stand at `position`.
pub(crate) fn finish_batch(out: &mut Vec<u8>, position: u64, synced: u64) {
    out.push(BATCH_END);
    let length = u32::try_from(out.len() - BATCH_HEADER).expect("batches are bounded");
    let payload = crc32fast::hash(&out[BATCH_HEADER..]);
    out[..4].copy_from_slice(&BATCH_MAGIC);
    out[8..12].copy_from_slice(&payload.to_le_bytes());
    out[12..16].copy_from_slice(&length.to_le_bytes());
    out[16..24].copy_from_slice(&position.to_le_bytes());
    out[24..32].copy_from_slice(&synced.to_le_bytes());
    let header = crc32fast::hash(&out[8..BATCH_HEADER]);
    out[4..8].copy_from_slice(&header.to_le_bytes());
}

/// A batch that passed its checksums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) records: Vec<Raw>,
    /// Up to where the log was synced when this was written. Unit: position.
    pub(crate) synced: u64,
    /// Header and payload. Unit: bytes.
    pub(crate) length: usize,
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Why no batch is where one should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The bytes end before the batch does: before its header is whole, or behind a header that is
    /// whole and right.
    Short,
    /// A header or payload that is wholly there and does not match its checksum, or does not belong
    /// here.
    Damaged {
        /// Where the damage is: in the first so many bytes.
        within: usize,
    },
}

/// The batch at the start of `bytes`, which stand at `position`.
pub(crate) fn read_batch(bytes: &[u8], position: u64) -> Result<Batch, Broken> {
    let header = bytes.first_chunk::<BATCH_HEADER>().ok_or(Broken::Short)?;
    let bad_header = Broken::Damaged { within: BATCH_HEADER };
    let is_right = header.starts_with(&BATCH_MAGIC)
        && u32_at(header, 4) == Some(crc32fast::hash(&header[8..]))
        && u64_at(header, 16) == Some(position);
    let (payload, length, synced) = (u32_at(header, 8), u32_at(header, 12), u64_at(header, 24));
    let (true, Some(checksum), Some(length), Some(synced)) = (is_right, payload, length, synced)
    else {
        return Err(bad_header);
    };
    let length = BATCH_HEADER + length as usize;
    let payload = bytes.get(BATCH_HEADER..length).ok_or(Broken::Short)?;
    if crc32fast::hash(payload) != checksum {
        return Err(Broken::Damaged { within: length });
    }
    let records = read_records(payload).ok_or(Broken::Damaged { within: length })?;
    Ok(Batch { records, synced, length })
}

/// `None` if the payload is not one of this format, whatever its checksum says.
fn read_records(payload: &[u8]) -> Option<Vec<Raw>> {
    let mut records = Vec::new();
    let mut rest = payload.strip_suffix(&[BATCH_END])?;
    while let Some((&kind, after)) = rest.split_first() {
        let kind = match kind {
            0 => Kind::Promise,
            1 => Kind::Held,
            _ => return None,
        };
        let length = u32_at(after, 0)? as usize;
        let bytes = after.get(4..4 + length)?.to_vec();
        records.push(Raw { kind, bytes });
        rest = &after[4 + length..];
    }
    Some(records)
}

/// The largest `synced` position of the intact batches that start behind the first byte of `bytes`.
pub(crate) fn synced_later(bytes: &[u8], position: u64) -> Option<u64> {
    let starts = bytes.windows(BATCH_MAGIC.len()).enumerate().skip(1);
    let starts = starts.filter(|(_, window)| *window == BATCH_MAGIC);
    let batches = starts.filter_map(|(at, _)| read_batch(&bytes[at..], position + at as u64).ok());
    batches.map(|batch| batch.synced).max()
}
