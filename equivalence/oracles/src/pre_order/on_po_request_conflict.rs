//! What `pre_order.on_po_request_conflict` must do.

use crate::Finding;
use prime::pre_order::State;
use wire::prime::{PoRequestConflict, Prime};
use wire::{Config, Effect, Verified};

/// Holds one run of `pre_order.on_po_request_conflict` against its contract.
///
/// # Errors
/// The first sentence of the contract that it breaks.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<PoRequestConflict>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let _ = (config, before, message, after, effects);
    Ok(())
}
