//! A table of conditions; the proposal is built only when all of them hold.

use prime::order::{State, build_matrix, follows};
use prime::pre_order;
use wire::prime::{PrePrepare, Prime};
use wire::{Config, Effects, Seq, Time, To};

/// What the decision depends on.
struct Facts<'a> {
    state: &'a State,
    config: &'a Config,
    now: Time,
    /// The number that would be proposed.
    seq: Seq,
}

/// All must hold.
const CONDITIONS: [fn(&Facts<'_>) -> bool; 4] = [
    |facts| facts.state.votes(),
    |facts| facts.config.leader_of(facts.state.view) == facts.state.me,
    |facts| facts.now >= facts.state.next_pre_prepare_at,
    |facts| facts.seq <= facts.state.horizon(facts.config),
];

/// The next proposal, if there is reason for one.
fn draft(
    state: &State,
    config: &Config,
    now: Time,
    pre_order: &pre_order::State,
) -> Option<PrePrepare> {
    let seq = Seq(state.proposed.0.checked_add(1)?);
    let facts = Facts { state, config, now, seq };
    if !CONDITIONS.iter().all(|holds| holds(&facts)) {
        return None;
    }
    let matrix = build_matrix(pre_order, &state.proposal);
    follows(config, &state.proposal, &matrix).then_some(PrePrepare {
        view: state.view,
        seq,
        matrix,
    })
}

/// Proposes the next number, if this server leads the view and has a reason to.
pub fn make_pre_prepare(
    state: &mut State,
    config: &Config,
    now: Time,
    pre_order: &pre_order::State,
    effects: &mut Effects<Prime>,
) {
    let Some(proposal) = draft(state, config, now, pre_order) else {
        return;
    };
    state.proposed = proposal.seq;
    state.proposal = proposal.matrix.clone();
    state.next_pre_prepare_at = Time(now.0.saturating_add(config.timing.pre_prepare));
    effects.promise(To::All, proposal);
}
