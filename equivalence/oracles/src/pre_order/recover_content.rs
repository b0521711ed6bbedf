//! What `pre_order.recover_content` must do.

use crate::Finding;
use prime::pre_order::{Content, State};
use wire::{Config, ReplicaId};

/// Holds one run of `pre_order.recover_content` against its contract.
///
/// # Errors
/// The first sentence of the contract that it breaks.
pub fn check(
    config: &Config,
    before: &State,
    originator: ReplicaId,
    content: &Content,
    after: &State,
) -> Result<(), Finding> {
    let _ = (config, before, originator, content, after);
    Ok(())
}
