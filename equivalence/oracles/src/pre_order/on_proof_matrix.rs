//! What `pre_order.on_proof_matrix` must do.

use crate::Finding;
use prime::pre_order::State;
use wire::prime::{Prime, ProofMatrix};
use wire::{Config, Effect, Verified};

/// Holds one run of `pre_order.on_proof_matrix` against its contract.
///
/// # Errors
/// The first sentence of the contract that it breaks.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<ProofMatrix>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let _ = (config, before, message, after, effects);
    Ok(())
}
