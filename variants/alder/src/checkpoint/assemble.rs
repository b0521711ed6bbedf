//! The whole of a state that was fetched.

use prime::checkpoint::Transfer;

/// The chunks of the state being fetched, one after the other, once all are here.
pub fn assemble(transfer: &Transfer) -> Option<Vec<u8>> {
    let state = transfer.proof.checkpoints.first()?.body.state;
    let count = state.chunks();

    // Decide: are they all here, without a gap, and as long as the name says?
    let mut expected = 0u64;
    let mut length = 0u64;
    for (&index, chunk) in &transfer.chunks.0 {
        if expected == count {
            break;
        }
        if u64::from(index) != expected {
            return None;
        }
        expected += 1;
        length = length.checked_add(chunk.len() as u64)?;
    }
    if expected != count || length != state.length {
        return None;
    }

    // Act: what is held is that long, so there is room for it once more or never.
    let mut bytes = Vec::with_capacity(length as usize);
    let mut taken = 0u64;
    for chunk in transfer.chunks.0.values() {
        if taken == count {
            break;
        }
        bytes.extend_from_slice(chunk);
        taken += 1;
    }
    Some(bytes)
}
