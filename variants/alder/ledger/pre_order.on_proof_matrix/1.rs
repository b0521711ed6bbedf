//! A Proof-Matrix of any server.

use prime::pre_order::{Effects, State, merge_row};
use wire::auth::Context;
use wire::prime::{Matrix, ProofMatrix};
use wire::{Config, Reject, ReplicaId, Verified};

/// Merges the rows of a well-formed Proof-Matrix and keeps the message as its signer's last.
pub fn on_proof_matrix(
    state: &mut State,
    config: &Config,
    message: &Verified<ProofMatrix>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    if !config.is_replica(sender) || !well_formed(config, &message.body().matrix) {
        effects.reject(sender, Reject::Invalid);
        return;
    }
    let context = Context::from(config);
    for row in message.rows(&context) {
        match row {
            Some(row) => merge_row(state, config, &row, effects),
            None => {}
        }
    }
    state.proof_matrices[sender.index()] = Some(message.clone());
}

/// Whether there are N rows, each null or by the server whose row it is, with N entries.
fn well_formed(config: &Config, matrix: &Matrix) -> bool {
    let n = config.size();
    if matrix.rows.len() != n {
        return false;
    }
    for i in 0..n {
        match &matrix.rows[i] {
            None => {}
            Some(row) => {
                if row.signer != ReplicaId::from_index(i) || row.body.vec.len() != n {
                    return false;
                }
            }
        }
    }
    true
}
