//! What `pre_order.resume` must do.

use crate::Finding;
use prime::pre_order::State;
use wire::prime::Prime;
use wire::{Config, Effect};

/// Holds one run of `pre_order.resume` against its contract.
///
/// # Errors
/// The first sentence of the contract that it breaks.
pub fn check(
    config: &Config,
    before: &State,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let _ = (config, before, after, effects);
    Ok(())
}
