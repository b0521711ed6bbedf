//! Takes a Replay-Commit.

use prime::view_change::{Effects, State};
use wire::prime::ReplayCommit;
use wire::{Config, Reject, Verified};

/// Keeps the first of its signer in a view.
pub fn on_replay_commit(
    state: &mut State,
    _config: &Config,
    message: &Verified<ReplayCommit>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let view = message.body().view;
    let held = state.rounds.get(&view).and_then(|round| round.commits.get(&signer));
    let against = state.outside(view).or(match held {
        None => None,
        Some(vote) if vote.body().digest == message.body().digest => Some(Reject::Duplicate),
        Some(_) => Some(Reject::Equivocation),
    });
    match against {
        Some(reason) => effects.reject(signer, reason),
        None => {
            state.rounds.entry(view).or_default().commits.insert(signer, message.clone());
        }
    }
}
