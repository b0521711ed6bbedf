//! Bytes to one message.

use slots::slot;
use wire::Reject;
use wire::codec::{self, MAX_MESSAGE};
use wire::prime::Message;

/// Decodes one message of Prime.
///
/// `bytes` must be the canonical encoding of exactly one [`Message`]: borsh as the `wire` crate
/// describes it, every count at or below the cap of its type, known tags only, nothing left over,
/// and at most `MAX_MESSAGE` bytes in all. No count makes it reserve more than a few kilobytes
/// before that many bytes of items have been read.
///
/// Never panics.
/// # Errors
/// Rejects: `Malformed` for anything else.
///
/// Invariant: what it accepts encodes to the same bytes again.
/// Paper: none. Deviation: none.
#[slot(decode.message)]
pub fn message(bytes: &[u8]) -> Result<Message, Reject> {
    if bytes.len() > MAX_MESSAGE {
        return Err(Reject::Malformed);
    }
    codec::decode(bytes).map_err(|_| Reject::Malformed)
}
