//! What `pre_order.on_update` must do.

use crate::Finding;
use prime::pre_order::State;
use wire::prime::Prime;
use wire::{Config, Effect, Update, Verified};

/// Holds one run of `pre_order.on_update` against its contract.
///
/// # Errors
/// The first sentence of the contract that it breaks.
pub fn check(
    config: &Config,
    before: &State,
    update: &Verified<Update>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let _ = (config, before, update, after, effects);
    Ok(())
}
