//! The bytes of a state that was fetched.

use prime::checkpoint::Transfer;

/// All chunks in their order, if all are here and are as long as the state's name says.
pub fn assemble(transfer: &Transfer) -> Option<Vec<u8>> {
    let state = transfer.proof.checkpoints.first()?.body.state;
    let count = state.chunks();
    let held = &transfer.chunks.0;
    let whole = u64::try_from(held.len()).ok() == Some(count)
        && held.keys().enumerate().all(|(place, index)| usize::try_from(*index) == Ok(place));
    let length = held.values().try_fold(0_usize, |sum, chunk| sum.checked_add(chunk.len()))?;
    if !whole || u64::try_from(length).ok() != Some(state.length) {
        return None;
    }
    let mut bytes = Vec::with_capacity(length);
    for chunk in held.values() {
        bytes.extend_from_slice(chunk);
    }
    Some(bytes)
}
