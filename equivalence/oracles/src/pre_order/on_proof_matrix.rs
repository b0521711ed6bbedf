//! What `pre_order.on_proof_matrix` must do.

use super::expected::Expected;
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::{Prime, ProofMatrix};
use wire::{Config, Effect, Reject, ReplicaId, Verified};

/// A Proof-Matrix is merged and kept (4.2, "Enforcing up-to-date Pre-Prepare messages").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    message: &Verified<ProofMatrix>,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("on_proof_matrix", config, before);

    let rows = &message.body().matrix.rows;
    let present = || {
        (0..)
            .map(ReplicaId::from_index)
            .zip(rows.iter())
            .filter_map(|(i, row)| Some((i, row.as_ref()?)))
    };
    let valid = rows.len() == config.size()
        && present().all(|(i, row)| row.signer == i && row.body.vec.len() == config.size());
    if valid {
        expected.since("rows are merged in ascending order, the message is kept as the signer's");
        for (i, row) in present() {
            expected.merge(row, |context| context.leaf(i, &row.body));
        }
        expected.proof_matrix = Some(message);
    } else {
        expected.since("rejects Invalid unless N rows, each null or its server's with N entries");
        expected.reject(Some(message.signer()), Reject::Invalid);
    }
    expected.judge(after, Order::Fixed, effects)
}
