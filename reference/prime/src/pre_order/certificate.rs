//! When an identifier is bound to a digest.

use crate::pre_order::PoSlot;
use slots::slot;
use std::collections::BTreeMap;
use wire::{Config, Digest, ReplicaId};

/// Returns the digest for which `slot` holds a preorder certificate, if there is one.
///
/// A preorder certificate is a PO-Request (here: `slot.request` or `slot.adopted`, whichever has
/// the digest) together with at least `config.votes_beside_proposer()` PO-Acks that name its
/// digest, from distinct servers other than `originator`. An ack by the originator itself, should
/// one stand in `slot.acks`, does not count. If `slot.certified` is set already, it is the answer.
/// If more than one digest qualifies (more than f faulty servers), the least qualifies.
///
/// Example: N = 4, f = 1, k = 0: two acks beside the request.
/// Invariant: the answer is `slot.certified`, or the digest of a content held in `slot`.
/// Paper: 4.1, "Preordering Phase". Deviation: the count is Q - 1 = 2f+k, the report's 2f for k = 0.
#[slot(pre_order.certificate)]
pub fn certificate(config: &Config, originator: ReplicaId, slot: &PoSlot) -> Option<Digest> {
    if slot.certified.is_some() {
        return slot.certified;
    }
    let mut votes: BTreeMap<Digest, usize> = BTreeMap::new();
    for (_, digest) in slot.acks.iter().filter(|(sender, _)| **sender != originator) {
        *votes.entry(*digest).or_default() += 1;
    }
    let held = |digest: &Digest| {
        slot.request.as_ref().is_some_and(|request| request.digest() == *digest)
            || slot.adopted.as_ref().is_some_and(|content| content.digest == *digest)
    };
    let enough = config.votes_beside_proposer();
    votes
        .into_iter()
        .find(|(digest, count)| *count >= enough && held(digest))
        .map(|(digest, _)| digest)
}
