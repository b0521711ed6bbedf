//! What `pre_order.certificate` must answer.

use super::definitions::certificate_of;
use crate::Finding;
use prime::pre_order::PoSlot;
use wire::{Config, Digest, ReplicaId};

/// The digest of which a slot holds a preorder certificate (4.1, "Preordering Phase").
///
/// # Errors
/// The answer that the definition gives, if it is another.
pub fn check(
    config: &Config,
    originator: ReplicaId,
    slot: &PoSlot,
    result: &Option<Digest>,
) -> Result<(), Finding> {
    let expected = certificate_of(config, originator, slot);
    crate::answer(
        "pre_order.certificate: the request and Q - 1 PO-Acks of others that name its digest",
        &expected,
        result,
    )
}
