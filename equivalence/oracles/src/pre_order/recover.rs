//! What `pre_order.recover` must do.

use crate::Finding;
use prime::pre_order::State;
use wire::prime::Prime;
use wire::{Config, Record};

/// Holds one run of `pre_order.recover` against its contract.
///
/// # Errors
/// The first sentence of the contract that it breaks.
pub fn check(
    config: &Config,
    before: &State,
    record: &Record<Prime>,
    after: &State,
) -> Result<(), Finding> {
    let _ = (config, before, record, after);
    Ok(())
}
