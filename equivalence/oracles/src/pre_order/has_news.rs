//! What `pre_order.has_news` must do.

use crate::Finding;
use prime::pre_order::State;
use wire::Config;
use wire::prime::Matrix;

/// Holds one run of `pre_order.has_news` against its contract.
///
/// # Errors
/// The first sentence of the contract that it breaks.
pub fn check(
    state: &State,
    config: &Config,
    proposed: &Matrix,
    result: &bool,
) -> Result<(), Finding> {
    let _ = (state, config, proposed, result);
    Ok(())
}
