//! `checkpoint.cut`: bytes to chunks.

use prime::checkpoint::{Snapshot, chunk_leaf};
use std::sync::Arc;
use wire::prime::{CHUNK, StateId};
use wire::{Digest, Seq, merkle};

/// The leaves of the chunks, at least one.
fn leaves(bytes: &[u8]) -> Vec<Digest> {
    let empty: Option<&[u8]> = bytes.is_empty().then_some(&[]);
    bytes.chunks(CHUNK).chain(empty).map(chunk_leaf).collect()
}

/// Names the state after `seq` and makes it ready to be handed out.
pub fn cut(seq: Seq, bytes: Vec<u8>) -> (StateId, Snapshot) {
    let tree = merkle::Tree::new(leaves(&bytes));
    let state = StateId { seq, root: tree.root(), length: bytes.len() as u64 };
    (state, Snapshot { bytes: Arc::from(bytes), tree: Arc::new(tree) })
}
