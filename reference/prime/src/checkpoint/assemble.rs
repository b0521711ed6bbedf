//! Chunks become a state.

use crate::checkpoint::Transfer;
use slots::slot;

/// The bytes of the state being fetched, once every chunk is here.
///
/// That is: the chunks in ascending order, one after the other. `None` while one is missing
/// (`StateId::chunks` says how many there are), or if together they have not the length that the
/// state's name says.
/// Whether the state may still be adopted is for the caller to see: not at or below what was executed.
///
/// Requires: the transfer's proof has a Checkpoint; each chunk is one of the state's.
///
/// Paper: none. Deviation: none.
///
/// Invariant: what it returns has exactly the length that the state's name says, and is the chunks
/// in their order.
#[slot(checkpoint.assemble)]
#[must_use]
pub fn assemble(transfer: &Transfer) -> Option<Vec<u8>> {
    let name = transfer.state();
    if (transfer.chunks.0.len() as u64) < name.chunks() {
        return None;
    }
    let mut bytes = Vec::with_capacity(usize::try_from(name.length).ok()?);
    for chunk in transfer.chunks.0.values() {
        bytes.extend_from_slice(chunk);
    }
    (bytes.len() as u64 == name.length).then_some(bytes)
}
