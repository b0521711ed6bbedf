//! What `pre_order.content` must do.

use crate::Finding;
use prime::pre_order::{Content, PoSlot};

/// Holds one run of `pre_order.content` against its contract.
///
/// # Errors
/// The first sentence of the contract that it breaks.
pub fn check(slot: &PoSlot, result: &Option<Content>) -> Result<(), Finding> {
    let _ = (slot, result);
    Ok(())
}
