//! The leader proposes.

use prime::order::{Effects, State};
use prime::pre_order;
use wire::prime::{Matrix, PrePrepare};
use wire::{Config, PoSeq, Seq, Time, To};

/// Whether `matrix` makes more eligible than `last`.
fn more_eligible(config: &Config, matrix: &Matrix, last: &Matrix) -> bool {
    let zeros = vec![PoSeq(0); config.size()];
    let before = prime::order::eligible(config, last, &zeros);
    let after = prime::order::eligible(config, matrix, &zeros);
    let mut at = 0_usize;
    while let (Some(old), Some(new)) = (before.get(at), after.get(at)) {
        if new > old {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether some Proof-Matrix is not covered by `last`.
fn uncovered(pre_order: &pre_order::State, last: &Matrix) -> bool {
    for held in &pre_order.proof_matrices {
        if let Some(message) = held
            && !prime::pre_order::covers(&pre_order.blacklist, last, &message.body().matrix)
        {
            return true;
        }
    }
    false
}

/// Proposes the next number, if this server leads the view and has a reason to.
pub fn make_pre_prepare(
    state: &mut State,
    config: &Config,
    now: Time,
    pre_order: &pre_order::State,
    effects: &mut Effects,
) {
    if config.leader_of(state.view) != state.me || !state.votes() {
        return;
    }
    if now < state.next_pre_prepare_at {
        return;
    }
    let Some(number) = state.proposed.0.checked_add(1) else {
        return;
    };
    let seq = Seq(number);
    if seq > state.horizon(config) {
        return;
    }
    let matrix = prime::order::build_matrix(pre_order, &state.proposal);
    // The same vectors make the same eligible, and are no reason for the other reason.
    if matrix.same(&state.proposal) {
        return;
    }
    if !more_eligible(config, &matrix, &state.proposal) && !uncovered(pre_order, &state.proposal) {
        return;
    }

    state.proposed = seq;
    state.proposal = matrix.clone();
    state.next_pre_prepare_at = Time(now.0.saturating_add(config.timing.pre_prepare));
    effects.promise(To::All, PrePrepare { view: state.view, seq, matrix });
}
