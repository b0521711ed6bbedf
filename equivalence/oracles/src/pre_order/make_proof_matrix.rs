//! What `pre_order.make_proof_matrix` must do.

use super::expected::Expected;
use super::{has_news, last_matrix};
use crate::Finding;
use crate::effects::Order;
use prime::pre_order::State;
use wire::prime::{Matrix, Prime, ProofMatrix};
use wire::{Config, Effect, ReplicaId, Time, To};

/// What the leader leaves uncovered is sent to it (4.2, "Enforcing up-to-date Pre-Prepare messages").
///
/// # Errors
/// The first way in which the outcome is not what the contract calls for.
pub fn check(
    config: &Config,
    before: &State,
    now: Time,
    leader: ReplicaId,
    proposed: &Matrix,
    after: &State,
    effects: &[Effect<Prime>],
) -> Result<(), Finding> {
    let mut expected = Expected::unchanged("make_proof_matrix", config, before);

    let next = Some(now.after(config.timing.proof_matrix));
    if before.me == leader || !has_news::expected(before, config, proposed) {
        expected.since("without news, or on the leader itself, proof_matrix_at becomes None");
        expected.proof_matrix_at = None;
    } else {
        match before.proof_matrix_at {
            None => {
                expected.since("if proof_matrix_at is None, it becomes now + timing.proof_matrix");
                expected.proof_matrix_at = next;
            }
            Some(at) if at > now => expected.since("if it lies after now, nothing happens"),
            Some(_) => {
                expected.since("a Proof-Matrix with last_matrix goes to the leader alone");
                let matrix = last_matrix::expected(before);
                expected.send(To::One(leader), ProofMatrix { matrix });
                expected.proof_matrix_at = next;
            }
        }
    }
    expected.judge(after, Order::Fixed, effects)
}
