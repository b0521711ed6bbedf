//! From content to parts.

use crate::pre_order::Content;
use crate::recon::{MAX_BODY, Parts, part_leaf, part_length};
use reed_solomon_erasure::galois_8::ReedSolomon;
use slots::slot;
use wire::{Config, codec, merkle};

/// Cuts a PO-Request into N parts of which any f+1 suffice.
///
/// The bytes coded are `wire::codec::encode` of the body; the content's digest is not part of
/// them. The code, the Merkle tree and its leaves are those of the component's head, "The code":
/// all versions must produce the same bytes. Returns, by row, the N parts (each of
/// `part_length(config, length)` bytes) and the N paths, with the tree's root and the encoding's
/// true length.
///
/// Requires: the encoding has at most `MAX_BODY` bytes, as every PO-Request within `MAX_BATCH` and
/// `MAX_BATCH_BYTES` has.
///
/// Invariant: equal bodies give equal parts, roots and lengths everywhere.
/// Invariant: parts 0 to f, concatenated and cut at `length`, are the encoding.
/// Example: with N = 4 and f = 1, an encoding `00 01 .. 0b 0c` of 13 bytes has the parts
/// `00..06` and `07..0c 00`, and two more of 7 bytes.
/// Paper: 4.1, "Reconciliation", Figure 3, lines A9 and A10. Deviation: (N, f+1) instead of
/// (2f+1, f+1); the body instead of the signed request; the Merkle tree.
#[slot(recon.encode)]
pub fn encode(config: &Config, content: &Content) -> Parts {
    let mut bytes = codec::encode(&*content.body);
    let length = bytes.len();
    assert!(length > 0);
    assert!(length <= MAX_BODY, "pre-ordering keeps no larger PO-Request");

    let size = part_length(config, length);
    bytes.resize(size * config.one_correct(), 0);
    let mut parts: Vec<Vec<u8>> = bytes.chunks_exact(size).map(<[u8]>::to_vec).collect();
    assert_eq!(parts.len(), config.one_correct());
    parts.resize(config.size(), vec![0; size]);
    // With one server there is nothing to add, and the library refuses to add nothing.
    if config.size() > config.one_correct() {
        let code = ReedSolomon::new(config.one_correct(), config.size() - config.one_correct());
        let code = code.expect("between 1 and 64 parts in all");
        code.encode(&mut parts).expect("N parts of equal length");
    }

    let tree = merkle::Tree::new(parts.iter().map(|part| part_leaf(part)).collect());
    let paths = (0..config.size()).map(|row| tree.path(row)).collect();
    let length = u32::try_from(length).expect("at most MAX_BODY");
    Parts { root: tree.root(), length, parts, paths }
}
