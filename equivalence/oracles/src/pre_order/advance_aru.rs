//! What `pre_order.advance_aru` must do.

use crate::Finding;
use prime::pre_order::State;
use wire::{Config, ReplicaId};

/// Holds one run of `pre_order.advance_aru` against its contract.
///
/// # Errors
/// The first sentence of the contract that it breaks.
pub fn check(
    config: &Config,
    before: &State,
    originator: ReplicaId,
    after: &State,
) -> Result<(), Finding> {
    let _ = (config, before, originator, after);
    Ok(())
}
