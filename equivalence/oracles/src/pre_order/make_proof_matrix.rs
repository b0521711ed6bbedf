//! What `pre_order.make_proof_matrix` must do.

use crate::Finding;
use prime::pre_order::State;
use wire::prime::{Matrix, Prime};
use wire::{Config, Effect, ReplicaId, Time};

/// Holds one run of `pre_order.make_proof_matrix` against its contract.
///
/// # Errors
/// The first sentence of the contract that it breaks.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    leader: ReplicaId,
    proposed: &Matrix,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let _ = (config, before, now, leader, proposed, after, effects);
    Ok(())
}
