//! A server reminds the leader of what is eligible.

use crate::pre_order::{Effects, State, has_news, last_matrix};
use slots::slot;
use wire::prime::{Matrix, ProofMatrix};
use wire::{Config, ReplicaId, Time, To};

/// Sends `Last_PO_Aru` to the leader if something eligible has been left uncovered for a while.
///
/// `proposed` is the matrix of the last valid Pre-Prepare. Without news over it ([`has_news`]), or
/// on the leader itself, `state.proof_matrix_at` becomes `None` and nothing is sent. With news:
/// - if `state.proof_matrix_at` is `None`, it becomes `now + timing.proof_matrix`; nothing is sent;
/// - if it lies after `now`, nothing happens;
/// - otherwise a Proof-Matrix with [`last_matrix`] is emitted as `Send` to the leader alone, and
///   `state.proof_matrix_at` becomes `now + timing.proof_matrix`.
///
/// Paper: 4.2, "Enforcing up-to-date Pre-Prepare messages". Deviation: sent only when it says
/// something, after a delay in which an ordinary Pre-Prepare makes it needless.
#[slot(pre_order.make_proof_matrix)]
pub fn make_proof_matrix(
    state: &mut State,
    config: &Config,
    now: Time,
    leader: ReplicaId,
    proposed: &Matrix,
    effects: &mut Effects,
) {
    if leader == state.me || !has_news(state, config, proposed) {
        state.proof_matrix_at = None;
        return;
    }
    match state.proof_matrix_at {
        Some(at) if now < at => return,
        Some(_) => {
            effects.send(To::One(leader), ProofMatrix { matrix: last_matrix(state) });
        }
        None => {}
    }
    state.proof_matrix_at = Some(now.after(config.timing.proof_matrix));
}
