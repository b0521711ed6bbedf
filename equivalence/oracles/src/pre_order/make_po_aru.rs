//! What `pre_order.make_po_aru` must do.

use crate::Finding;
use prime::pre_order::State;
use wire::prime::Prime;
use wire::{Config, Effect, Time};

/// Holds one run of `pre_order.make_po_aru` against its contract.
///
/// # Errors
/// The first sentence of the contract that it breaks.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let _ = (config, before, now, after, effects);
    Ok(())
}
