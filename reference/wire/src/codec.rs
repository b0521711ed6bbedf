//! Bytes and back, with a version in front of everything that is kept or sent.
//!
//! A *frame* is what one link write carries: the format version (`u16`), a count (`u32`) and that
//! many byte strings, each one encoded message. [`MAX_FRAME`] bounds a frame before it is read.

use crate::{Blob, List};
use borsh::{BorshDeserialize, BorshSerialize};

/// Version of every encoding in this crate. A reader refuses any other.
pub const FORMAT: u16 = 1;

/// Largest encoded message. Unit: bytes.
pub const MAX_MESSAGE: usize = 2 << 20;

/// Largest frame on a link. Unit: bytes.
pub const MAX_FRAME: usize = 4 << 20;

/// Most messages in one frame.
pub const MAX_MESSAGES: usize = 1024;

/// Why bytes are not what they should be. Always the sender's fault, never a reason to stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Longer than anything of this kind may be.
    #[error("{0} bytes where at most {1} are allowed")]
    TooLarge(usize, usize),
    /// Written in a format that this build does not know.
    #[error("format version {0} where {FORMAT} is known")]
    Format(u16),
    /// Not a canonical encoding: a cap exceeded, an unknown tag, too few bytes, or bytes left over.
    #[error("not a canonical encoding: {0}")]
    Encoding(String),
}

/// Canonical bytes of `value`.
#[must_use]
pub fn encode<T: BorshSerialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    value.serialize(&mut bytes).expect("writing to a vector cannot fail");
    bytes
}

/// The same for a value whose encoding may be long: its length is found out first, since growing
/// costs more than that.
#[must_use]
pub fn encode_long<T: BorshSerialize + ?Sized>(value: &T) -> Vec<u8> {
    let length = borsh::object_length(value).expect("counting bytes cannot fail");
    let mut bytes = Vec::with_capacity(length);
    value.serialize(&mut bytes).expect("writing to a vector cannot fail");
    bytes
}

/// The value that `bytes` encode, all of them.
///
/// # Errors
/// [`Malformed`] if they encode none or something is left over.
pub fn decode<T: BorshDeserialize>(bytes: &[u8]) -> Result<T, Malformed> {
    T::try_from_slice(bytes).map_err(|error| Malformed::Encoding(error.to_string()))
}

/// One link write.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct Frame {
    format: u16,
    messages: List<Blob<MAX_MESSAGE>, MAX_MESSAGES>,
}

/// Packs encoded messages into as few frames as the caps allow, in order.
///
/// Panics on a message above [`MAX_MESSAGE`]: the message types keep below it.
#[must_use]
pub fn frames(messages: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut batch: Vec<Blob<MAX_MESSAGE>> = Vec::new();
    let mut size = 0;
    let mut close = |batch: &mut Vec<Blob<MAX_MESSAGE>>| {
        let messages = List::new(std::mem::take(batch)).expect("closed at the cap");
        frames.push(encode(&Frame { format: FORMAT, messages }));
    };
    for message in messages {
        let message = Blob::new(message).expect("message types keep below MAX_MESSAGE");
        let full = batch.len() == MAX_MESSAGES || size + message.len() + 4 > MAX_FRAME - 16;
        if full && !batch.is_empty() {
            close(&mut batch);
            size = 0;
        }
        size += message.len() + 4;
        batch.push(message);
    }
    if !batch.is_empty() {
        close(&mut batch);
    }
    frames
}

/// The encoded messages of one frame.
///
/// # Errors
/// [`Malformed`] for a frame too large, of another format, or not canonical.
pub fn unframe(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Malformed> {
    if bytes.len() > MAX_FRAME {
        return Err(Malformed::TooLarge(bytes.len(), MAX_FRAME));
    }
    if let Some(format) = bytes.first_chunk::<2>().map(|bytes| u16::from_le_bytes(*bytes))
        && format != FORMAT
    {
        return Err(Malformed::Format(format));
    }
    let frame: Frame = decode(bytes)?;
    Ok(frame.messages.into_vec().into_iter().map(Blob::into_vec).collect())
}
