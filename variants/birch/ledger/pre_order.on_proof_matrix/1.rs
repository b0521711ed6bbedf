//! A Proof-Matrix arrives.

use prime::pre_order::{Effects, State, merge_row};
use wire::auth::Context;
use wire::prime::{Matrix, ProofMatrix};
use wire::{Config, Reject, ReplicaId, Verified};

/// Merges the rows of a well-formed matrix in order and keeps the message as its signer's last.
pub fn on_proof_matrix(
    state: &mut State,
    config: &Config,
    message: &Verified<ProofMatrix>,
    effects: &mut Effects,
) {
    match shaped(config, &message.body().matrix) {
        Err(reason) => effects.reject(message.signer(), reason),
        Ok(()) => {
            let context = Context::from(config);
            let rows = message.rows(&context).flatten();
            rows.for_each(|row| merge_row(state, config, &row, effects));
            state.proof_matrices[message.signer().index()] = Some(message.clone());
        }
    }
}

/// Whether there are N rows, each null or its own server's with N entries.
fn shaped(config: &Config, matrix: &Matrix) -> Result<(), Reject> {
    let size = Some(matrix.rows.len()).filter(|rows| *rows == config.size());
    size.ok_or(Reject::Invalid).and_then(|size| {
        matrix
            .rows
            .iter()
            .enumerate()
            .filter_map(|(index, row)| row.as_ref().map(|row| (ReplicaId::from_index(index), row)))
            .all(|(owner, row)| row.signer == owner && row.body.vec.len() == size)
            .then_some(())
            .ok_or(Reject::Invalid)
    })
}
