//! What `pre_order.covers` must do.

use crate::Finding;
use std::collections::BTreeSet;
use wire::ReplicaId;
use wire::prime::Matrix;

/// Holds one run of `pre_order.covers` against its contract.
///
/// # Errors
/// The first sentence of the contract that it breaks.
pub fn check(
    blacklist: &BTreeSet<ReplicaId>,
    pre_prepare: &Matrix,
    proof_matrix: &Matrix,
    result: &bool,
) -> Result<(), Finding> {
    let _ = (blacklist, pre_prepare, proof_matrix, result);
    Ok(())
}
