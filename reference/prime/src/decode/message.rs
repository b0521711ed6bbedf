//! Bytes to one message.

use slots::slot;
use wire::Reject;
use wire::codec::{self, MAX_MESSAGE};
use wire::prime::Message;

/// Decodes one message of Prime.
///
/// `bytes` must be the canonical encoding of exactly one [`Message`]: borsh as the `wire` crate
/// describes it, every count at or below the cap of its type (the `MAX` of a `List<_, MAX>` or
/// `Blob<MAX>`, which itself is allowed), known tags only (of enums and of `Option`s), no byte left
/// over behind the message, and at most `MAX_MESSAGE` bytes in all. No count makes it reserve more
/// than a few kilobytes before that many bytes of items have been read.
///
/// Never panics. What the values mean is not looked at here.
///
/// # Errors
/// Rejects: `Malformed` for anything else, whichever of several faults is met first.
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
