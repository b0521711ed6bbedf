//! What `pre_order.last_matrix` must do.

use crate::Finding;
use prime::pre_order::State;
use wire::prime::Matrix;

/// Holds one run of `pre_order.last_matrix` against its contract.
///
/// # Errors
/// The first sentence of the contract that it breaks.
pub fn check(state: &State, result: &Matrix) -> Result<(), Finding> {
    let _ = (state, result);
    Ok(())
}
