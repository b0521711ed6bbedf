//! From parts to content.

use crate::pre_order::Content;
use crate::recon::{MAX_BODY, Parts, encode, part_length};
use reed_solomon_erasure::galois_8::ReedSolomon;
use slots::slot;
use std::collections::BTreeMap;
use wire::prime::{PoRequest, Recon};
use wire::{Config, ReplicaId, auth::Context, codec};

/// Rebuilds the content that `about` describes from the parts of f+1 servers.
///
/// Of `about`, which any message of the group will do for, only originator, number, digest, root
/// and length count. `parts` has the part of each server by its id; those of the f+1 lowest ids are used
/// and the others not looked at.
///
/// Requires: all ids in `parts` are replicas of this cluster.
///
/// `None` if any of these fails, whatever the arguments hold:
/// - the length is 1 to `MAX_BODY`, there are f+1 parts, and each of the f+1 used has
///   `part_length(config, length)` bytes;
/// - the code (component's head) gives data parts whose first `length` bytes are the canonical
///   encoding of a PO-Request, all of them;
/// - that PO-Request has the number of `about`, and its leaf under the originator's name
///   (`Context::from(config).leaf`) is the digest of `about`;
/// - coding it again ([`encode`]) gives the root of `about`.
///
/// Otherwise the content, with that digest and that PO-Request.
///
/// Invariant: two calls with equal `about` that return content return the same content.
/// Paper: 4.1, "Reconciliation". Deviation: the checks against digest and root.
#[slot(recon.decode)]
pub fn decode(
    config: &Config,
    about: &Recon,
    parts: &BTreeMap<ReplicaId, Vec<u8>>,
) -> Option<Content> {
    assert!(parts.keys().all(|id| config.is_replica(*id)));
    let length = usize::try_from(about.length).ok()?;
    if !(1..=MAX_BODY).contains(&length) {
        return None;
    }
    let bytes = join(config, length, parts)?;
    let body: PoRequest = codec::decode(&bytes).ok()?;
    let leaf = Context::from(config).leaf(about.originator, &body);
    if body.seq != about.seq || leaf != about.digest {
        return None;
    }
    let content = Content { digest: leaf, body: body.into() };
    let Parts { root, .. } = encode(config, &content);
    (root == about.root).then_some(content)
}

/// The first `length` bytes of the data parts, computed from the f+1 lowest of `parts`.
fn join(config: &Config, length: usize, parts: &BTreeMap<ReplicaId, Vec<u8>>) -> Option<Vec<u8>> {
    let (needed, size) = (config.one_correct(), part_length(config, length));
    if parts.len() < needed {
        return None;
    }
    let mut rows: Vec<Option<Vec<u8>>> = vec![None; config.size()];
    for (&sender, part) in parts.iter().take(needed) {
        if part.len() != size {
            return None;
        }
        rows[sender.index()] = Some(part.clone());
    }
    // If all data parts are here there is nothing to compute, as always with one server.
    if rows[..needed].iter().any(Option::is_none) {
        let code = ReedSolomon::new(needed, config.size() - needed).ok()?;
        code.reconstruct_data(&mut rows).ok()?;
    }
    let mut bytes = Vec::with_capacity(size * needed);
    for row in &rows[..needed] {
        bytes.extend_from_slice(row.as_ref()?);
    }
    bytes.truncate(length);
    Some(bytes)
}
