//! The leader's next proposal.

use prime::order::Effects;
use prime::order::State;
use prime::pre_order;
use wire::Config;
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

/// The matrix to propose, if it says more than the last one.
fn news(state: &State, config: &Config, pre_order: &pre_order::State) -> Result<Matrix, Not> {
    Some(prime::order::build_matrix(pre_order, &state.proposal))
        .filter(|matrix| prime::order::follows(config, &state.proposal, matrix))
        .ok_or(Not::Needed)
}
