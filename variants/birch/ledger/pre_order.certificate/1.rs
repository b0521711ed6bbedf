//! When a slot is certified.

use prime::pre_order::PoSlot;
use std::iter::once;
use wire::{Config, Digest, ReplicaId};

/// Names the digest that `slot` is bound to: the one on record, or else the least digest of a
/// held content that enough servers beside `originator` acknowledged.
pub fn certificate(config: &Config, originator: ReplicaId, slot: &PoSlot) -> Option<Digest> {
    slot.certified.or_else(|| {
        let need = config.votes_beside_proposer();
        ascending(
            slot.request.as_ref().map(|request| request.digest()),
            slot.adopted.as_ref().map(|content| content.digest),
        )
        .find(|digest| votes(originator, slot, digest).take(need).count() == need)
    })
}

/// The digests there are, the lesser one first.
fn ascending(one: Option<Digest>, other: Option<Digest>) -> impl Iterator<Item = Digest> {
    once(one.min(other)).chain(once(one.max(other))).flatten()
}

/// Those whose acknowledgement of `digest` counts, ascending.
fn votes(originator: ReplicaId, slot: &PoSlot, digest: &Digest) -> impl Iterator<Item = ReplicaId> {
    slot.acks
        .iter()
        .filter(move |(sender, named)| **sender != originator && *named == digest)
        .map(|(sender, _)| *sender)
}
