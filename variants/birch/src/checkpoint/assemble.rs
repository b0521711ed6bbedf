//! `checkpoint.assemble`: chunks to bytes.

use prime::checkpoint::Transfer;

/// All chunks, one after the other, once they are what the state's name says.
pub fn assemble(transfer: &Transfer) -> Option<Vec<u8>> {
    let state = transfer.proof.checkpoints.first()?.body.state;
    let count = u32::try_from(state.chunks()).ok()?;
    let parts: Vec<&[u8]> =
        transfer.chunks.0.range(..count).map(|(_, bytes)| bytes.as_slice()).collect();
    let length = parts.iter().map(|part| part.len() as u64).sum::<u64>();
    (parts.len() as u64 == u64::from(count) && length == state.length).then(|| parts.concat())
}
