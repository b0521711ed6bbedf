//! Another server tells the leader what it expects to be covered.

use crate::pre_order::{Effects, State, merge_row};
use slots::slot;
use wire::prime::ProofMatrix;
use wire::{Config, Reject, ReplicaId, Verified, auth::Context};

/// Takes a Proof-Matrix of its signer.
///
/// Rejects: `Invalid` (naming the signer, nothing changed) unless the matrix has exactly N rows and
/// every row that is not null is signed by the server whose row it is and has exactly N entries.
///
/// Otherwise merges the rows that are not null in ascending order by [`merge_row`], then keeps the
/// message as the signer's in `state.proof_matrices`, in place of the one held before.
///
/// Invariant: at most one Proof-Matrix per sender is held, the last valid one.
/// Paper: 4.2, "Enforcing up-to-date Pre-Prepare messages". Deviation: every server takes them, not
/// the leader alone.
#[slot(pre_order.on_proof_matrix)]
pub fn on_proof_matrix(
    state: &mut State,
    config: &Config,
    message: &Verified<ProofMatrix>,
    effects: &mut Effects,
) {
    let rows = &message.body().matrix.rows;
    let fits = |(index, row): (usize, &Option<wire::Signed<wire::prime::PoAru>>)| {
        row.as_ref().is_none_or(|row| {
            row.signer == ReplicaId::from_index(index) && row.body.vec.len() == config.size()
        })
    };
    if rows.len() != config.size() || !rows.iter().enumerate().all(fits) {
        return effects.reject(message.signer(), Reject::Invalid);
    }
    let context = Context::from(config);
    for row in message.rows(&context).flatten() {
        merge_row(state, config, &row, effects);
    }
    state.proof_matrices[message.signer().index()] = Some(message.clone());
}
