//! The leader's next proposal.

use prime::order::Effects;
use prime::order::State;
use prime::pre_order;
use wire::Config;
use wire::PoSeq;
use wire::Seq;
use wire::Time;
use wire::To;
use wire::prime::Matrix;
use wire::prime::PrePrepare;

/// Why nothing is proposed.
enum Not {
    /// Another server leads, or a view change is under way.
    Leading,
    /// It is too early, or too much is under way.
    Now,
    /// There is no news.
    Needed,
}

/// 4.1, "Global Ordering Phase"; 4.2, "Enforcing up-to-date Pre-Prepare messages"
pub fn make_pre_prepare(
    state: &mut State,
    config: &Config,
    now: Time,
    pre_order: &pre_order::State,
    effects: &mut Effects,
) {
    if let Ok((seq, matrix)) =
        turn(state, config, now).and_then(|seq| Ok((seq, news(state, config, pre_order)?)))
    {
        state.proposed = seq;
        state.proposal = matrix.clone();
        state.next_pre_prepare_at = Time(now.0.saturating_add(config.timing.pre_prepare));
        effects.promise(
            To::All,
            PrePrepare {
                view: state.view,
                seq,
                matrix,
            },
        );
    }
}

/// The number that may be proposed now.
fn turn(state: &State, config: &Config, now: Time) -> Result<Seq, Not> {
    if !state.votes() || config.leader_of(state.view) != state.me {
        return Err(Not::Leading);
    }
    state
        .proposed
        .0
        .checked_add(1)
        .map(Seq)
        .filter(|seq| now >= state.next_pre_prepare_at && *seq <= state.horizon(config))
        .ok_or(Not::Now)
}

/// The matrix to propose, if there is a reason to.
fn news(state: &State, config: &Config, pre_order: &pre_order::State) -> Result<Matrix, Not> {
    Some(prime::order::build_matrix(pre_order, &state.proposal))
        .filter(|matrix| {
            extends(config, &state.proposal, matrix)
                || (!matrix.same(&state.proposal) && uncovered(pre_order, &state.proposal))
        })
        .ok_or(Not::Needed)
}

/// Whether `matrix` makes something eligible that `last` does not.
fn extends(config: &Config, last: &Matrix, matrix: &Matrix) -> bool {
    let none = vec![PoSeq::default(); config.size()];
    let eligible = |matrix: &Matrix| prime::order::eligible(config, matrix, &none);
    eligible(matrix)
        .into_iter()
        .zip(eligible(last))
        .any(|(new, old)| new > old)
}

/// Whether somebody's Proof-Matrix asks for more than `last` has.
fn uncovered(pre_order: &pre_order::State, last: &Matrix) -> bool {
    pre_order
        .proof_matrices
        .iter()
        .flatten()
        .any(|proof| !pre_order::covers(&pre_order.blacklist, last, &proof.body().matrix))
}
