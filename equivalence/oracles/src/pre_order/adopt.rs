//! What `pre_order.adopt` must do.

use crate::Finding;
use prime::pre_order::{Content, State};
use wire::prime::Prime;
use wire::{Config, Effect, ReplicaId};

/// Holds one run of `pre_order.adopt` against its contract.
///
/// # Errors
/// The first sentence of the contract that it breaks.
pub fn check(
    config: &Config,
    before: &State,
    originator: ReplicaId,
    content: &Content,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let _ = (config, before, originator, content, after, effects);
    Ok(())
}
