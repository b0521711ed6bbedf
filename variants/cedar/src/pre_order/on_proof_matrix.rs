//! Another server's rows.

use prime::pre_order::{Effects, State, merge_row};
use wire::prime::ProofMatrix;
use wire::{Config, Reject, ReplicaId, Verified, auth::Context};

/// Counts the rows that are as they should be; one that is not spoils the message.
pub fn on_proof_matrix(
    state: &mut State,
    config: &Config,
    message: &Verified<ProofMatrix>,
    effects: &mut Effects,
) {
    let rows = &message.body().matrix.rows;
    let mut sound = 0;
    for (server, row) in config.replicas().zip(rows.iter()) {
        sound += usize::from(match row {
            None => true,
            Some(row) => row.signer == server && row.body.vec.len() == config.size(),
        });
    }
    if (sound, rows.len()) != (config.size(), config.size()) {
        effects.reject(message.signer(), Reject::Invalid);
        return;
    }
    let sender: ReplicaId = message.signer();
    let context = Context::from(config);
    let mut found: Vec<_> = message.rows(&context).flatten().collect();
    found.reverse();
    while let Some(row) = found.pop() {
        merge_row(state, config, &row, effects);
    }
    state.proof_matrices[sender.index()].replace(message.clone());
}
