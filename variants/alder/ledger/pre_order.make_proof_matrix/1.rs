//! The leader is reminded of what it has left out.

use prime::pre_order::{Effects, State, has_news, last_matrix};
use wire::prime::{Matrix, ProofMatrix};
use wire::{Config, ReplicaId, Time, To};

/// What the timer finds.
enum Step {
    /// Nothing is left out, or this is the leader.
    Disarm,
    /// Something is left out since just now.
    Arm,
    /// The leader still has time.
    Wait,
    /// The time is over.
    Remind,
}

/// Sends the rows held here to the leader when they have had news over its last Pre-Prepare for as
/// long as the configuration allows, and again after each further such delay.
pub fn make_proof_matrix(
    state: &mut State,
    config: &Config,
    now: Time,
    leader: ReplicaId,
    proposed: &Matrix,
    effects: &mut Effects,
) {
    let step = if leader == state.me || !has_news(state, config, proposed) {
        Step::Disarm
    } else {
        match state.proof_matrix_at {
            None => Step::Arm,
            Some(at) if at > now => Step::Wait,
            Some(_) => Step::Remind,
        }
    };
    let next = now.after(config.timing.proof_matrix);
    match step {
        Step::Disarm => state.proof_matrix_at = None,
        Step::Arm => state.proof_matrix_at = Some(next),
        Step::Wait => {}
        Step::Remind => {
            state.proof_matrix_at = Some(next);
            effects.send(To::One(leader), ProofMatrix { matrix: last_matrix(state) });
        }
    }
}
