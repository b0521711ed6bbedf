//! What `pre_order.certificate` must do.

use crate::Finding;
use prime::pre_order::PoSlot;
use wire::{Config, Digest, ReplicaId};

/// Holds one run of `pre_order.certificate` against its contract.
///
/// # Errors
/// The first sentence of the contract that it breaks.
pub fn check(
    config: &Config,
    originator: ReplicaId,
    slot: &PoSlot,
    result: &Option<Digest>,
) -> Result<(), Finding> {
    let _ = (config, originator, slot, result);
    Ok(())
}
