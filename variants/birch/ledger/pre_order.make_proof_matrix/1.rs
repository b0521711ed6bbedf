//! The leader is reminded of what it leaves uncovered.

use prime::pre_order::{Effects, State, has_news, last_matrix};
use wire::prime::{Matrix, ProofMatrix};
use wire::{Config, ReplicaId, Time, To};

/// Sends the rows held to the leader once they have been news for a while, then once a period.
///
/// The timer is disarmed when there is no news and on the leader itself.
pub fn make_proof_matrix(
    state: &mut State,
    config: &Config,
    now: Time,
    leader: ReplicaId,
    proposed: &Matrix,
    effects: &mut Effects,
) {
    let news = state.me != leader && has_news(state, config, proposed);
    let armed = state.proof_matrix_at.filter(|_| news);
    if armed.is_some_and(|at| at <= now) {
        effects.send(To::One(leader), ProofMatrix { matrix: last_matrix(state) });
    }
    state.proof_matrix_at = news.then(|| {
        armed.filter(|at| *at > now).unwrap_or_else(|| now.after(config.timing.proof_matrix))
    });
}
