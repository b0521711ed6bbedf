//! A table of conditions and a table of reasons; the matrix is built only when all of the conditions
//! hold, and proposed if one of the reasons does.

use prime::order::{Effects, State, build_matrix, eligible};
use prime::pre_order::{self, covers};
use wire::prime::{Matrix, PrePrepare};
use wire::{Config, PoSeq, Seq, Time, To};

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
    |facts| facts.config.leader_of(facts.state.view) == facts.state.me,
    |facts| facts.state.votes(),
    |facts| facts.now >= facts.state.next_pre_prepare_at,
    |facts| facts.seq <= facts.state.horizon(facts.config),
];

/// What the reasons are looked for in.
struct News<'a> {
    config: &'a Config,
    pre_order: &'a pre_order::State,
    /// The last proposal.
    last: &'a Matrix,
    /// The next one.
    next: &'a Matrix,
}

/// One must hold.
const REASONS: [fn(&News<'_>) -> bool; 2] = [more_eligible, uncovered];

/// The next proposal makes something eligible that the last one does not.
fn more_eligible(news: &News<'_>) -> bool {
    let zeros = vec![PoSeq(0); news.config.size()];
    let before = eligible(news.config, news.last, &zeros);
    let after = eligible(news.config, news.next, &zeros);
    before.iter().zip(&after).any(|(before, after)| after > before)
}

/// Somebody shows what the last proposal does not cover, and there is something new to propose.
fn uncovered(news: &News<'_>) -> bool {
    !news.next.same(news.last)
        && news.pre_order.proof_matrices.iter().flatten().any(|proof| {
            !covers(&news.pre_order.blacklist, news.last, &proof.body().matrix)
        })
}

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
    let news = News { config, pre_order, last: &state.proposal, next: &matrix };
    let reason = REASONS.iter().any(|holds| holds(&news));
    reason.then_some(PrePrepare { view: state.view, seq, matrix })
}

/// Proposes the next number, if this server leads the view and has a reason to.
pub fn make_pre_prepare(
    state: &mut State,
    config: &Config,
    now: Time,
    pre_order: &pre_order::State,
    effects: &mut Effects,
) {
    let Some(proposal) = draft(state, config, now, pre_order) else {
        return;
    };
    state.proposed = proposal.seq;
    state.proposal = proposal.matrix.clone();
    state.next_pre_prepare_at = Time(now.0.saturating_add(config.timing.pre_prepare));
    effects.promise(To::All, proposal);
}
