//! Takes a Replay-Prepare.

use prime::view_change::{Effects, State};
use wire::prime::ReplayPrepare;
use wire::{Config, Reject, Verified};

/// Keeps the first of its signer in a view; the leader has none.
pub fn on_replay_prepare(
    state: &mut State,
    config: &Config,
    message: &Verified<ReplayPrepare>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let view = message.body().view;
    let held = state.rounds.get(&view).and_then(|round| round.prepares.get(&signer));
    let against = state
        .outside(view)
        .or_else(|| (signer == config.leader_of(view)).then_some(Reject::NotEntitled))
        .or(match held {
            None => None,
            Some(vote) if vote.body().digest == message.body().digest => Some(Reject::Duplicate),
            Some(_) => Some(Reject::Equivocation),
        });
    match against {
        Some(reason) => effects.reject(signer, reason),
        None => {
            state.rounds.entry(view).or_default().prepares.insert(signer, message.clone());
        }
    }
}
