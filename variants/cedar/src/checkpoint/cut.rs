//! Names a state by its chunks.

use std::sync::Arc;

use prime::checkpoint::{Snapshot, chunk_leaf};
use wire::merkle::{MAX_DEPTH, Tree};
use wire::prime::{CHUNK, StateId};
use wire::{Digest, Seq};

/// The name and the snapshot of the state after `seq`, whose encoding is `bytes`.
pub fn cut(seq: Seq, bytes: Vec<u8>) -> (StateId, Snapshot) {
    let mut leaves: Vec<Digest> =
        bytes.chunks(CHUNK).take(1 << MAX_DEPTH).map(chunk_leaf).collect();
    if leaves.is_empty() {
        leaves.push(chunk_leaf(&[]));
    }
    let tree = Arc::new(Tree::new(leaves));
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    (StateId { seq, root: tree.root(), length }, Snapshot { bytes: bytes.into(), tree })
}
