//! A state gets its name.

use crate::checkpoint::{Snapshot, chunk_leaf};
use slots::slot;
use wire::prime::{CHUNK, StateId};
use wire::{Seq, merkle};

/// Cuts the encoding of the state after `seq` into chunks and names it.
///
/// Chunk i is bytes `i * CHUNK` to `(i + 1) * CHUNK`, the last one shorter (empty bytes make one
/// empty chunk). Their leaves ([`chunk_leaf`]), in order, make the Merkle tree whose root names the
/// state, with `seq` and the length of the bytes. At most `CHUNK << merkle::MAX_DEPTH` bytes (4
/// GiB): a service owes a smaller state.
///
/// Invariant: each byte is hashed once.
/// Paper: none. Deviation: none.
#[slot(checkpoint.cut)]
#[must_use]
pub fn cut(seq: Seq, bytes: Vec<u8>) -> (StateId, Snapshot) {
    let leaves = match bytes.len() {
        0 => vec![chunk_leaf(&[])],
        _ => bytes.chunks(CHUNK).map(chunk_leaf).collect(),
    };
    let tree = merkle::Tree::new(leaves);
    let state = StateId { seq, root: tree.root(), length: bytes.len() as u64 };
    (state, Snapshot { bytes: bytes.into(), tree: tree.into() })
}
