//! `view_change.on_replay_commit`: one vote of each server in a view.

use prime::view_change::{Effects, State};
use wire::prime::ReplayCommit;
use wire::{Config, Reject, Verified};

/// Whether the vote is the first of its signer.
fn judge(state: &State, message: &Verified<ReplayCommit>) -> Result<(), Reject> {
    let view = message.body().view;
    state.outside(view).map_or(Ok(()), Err)?;
    let held = state.rounds.get(&view).and_then(|round| round.commits.get(&message.signer()));
    match held.map(|vote| vote.body().digest == message.body().digest) {
        None => Ok(()),
        Some(true) => Err(Reject::Duplicate),
        Some(false) => Err(Reject::Equivocation),
    }
}

/// Keeps a vote.
pub fn on_replay_commit(
    state: &mut State,
    _config: &Config,
    message: &Verified<ReplayCommit>,
    effects: &mut Effects,
) {
    match judge(state, message) {
        Err(reason) => effects.reject(message.signer(), reason),
        Ok(()) => {
            let round = state.rounds.entry(message.body().view).or_default();
            round.commits.insert(message.signer(), message.clone());
        }
    }
}
