//! A state in chunks.

use prime::checkpoint::{Snapshot, chunk_leaf};
use std::sync::Arc;
use wire::Seq;
use wire::merkle::Tree;
use wire::prime::{CHUNK, StateId};

/// Cuts the encoding of the state after `seq` into chunks and names it.
pub fn cut(seq: Seq, bytes: Vec<u8>) -> (StateId, Snapshot) {
    let length = bytes.len();

    let mut leaves = Vec::with_capacity(length / CHUNK + 1);
    let mut rest: &[u8] = &bytes;
    while rest.len() > CHUNK {
        let (chunk, after) = rest.split_at(CHUNK);
        leaves.push(chunk_leaf(chunk));
        rest = after;
    }
    // The last one, which is shorter or as long; the only one, and empty, of empty bytes.
    leaves.push(chunk_leaf(rest));

    let tree = Tree::new(leaves);
    let state = StateId { seq, root: tree.root(), length: length as u64 };
    (state, Snapshot { bytes: Arc::from(bytes), tree: Arc::new(tree) })
}
