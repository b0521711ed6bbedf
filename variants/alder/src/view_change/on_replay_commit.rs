//! Somebody can stand for a Replay.

use prime::view_change::{Effects, State};
use wire::prime::ReplayCommit;
use wire::{Config, Reject, Verified};

/// Keeps the first Replay-Commit of its signer in a view.
pub fn on_replay_commit(
    state: &mut State,
    _config: &Config,
    message: &Verified<ReplayCommit>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let vote = message.body();
    if let Some(reason) = state.outside(vote.view) {
        effects.reject(signer, reason);
        return;
    }
    if let Some(round) = state.rounds.get(&vote.view) {
        if let Some(held) = round.commits.get(&signer) {
            let reason = if held.body().digest == vote.digest {
                Reject::Duplicate
            } else {
                Reject::Equivocation
            };
            effects.reject(signer, reason);
            return;
        }
    }

    state.rounds.entry(vote.view).or_default().commits.insert(signer, message.clone());
}
