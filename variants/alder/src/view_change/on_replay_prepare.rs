//! Somebody accepted a Replay.

use prime::view_change::{Effects, State};
use wire::prime::ReplayPrepare;
use wire::{Config, Reject, Verified};

/// Keeps the first Replay-Prepare of its signer in a view.
pub fn on_replay_prepare(
    state: &mut State,
    config: &Config,
    message: &Verified<ReplayPrepare>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let vote = message.body();
    if let Some(reason) = state.outside(vote.view) {
        effects.reject(signer, reason);
        return;
    }
    if signer == config.leader_of(vote.view) {
        effects.reject(signer, Reject::NotEntitled);
        return;
    }
    if let Some(round) = state.rounds.get(&vote.view) {
        if let Some(held) = round.prepares.get(&signer) {
            let reason = if held.body().digest == vote.digest {
                Reject::Duplicate
            } else {
                Reject::Equivocation
            };
            effects.reject(signer, reason);
            return;
        }
    }

    state.rounds.entry(vote.view).or_default().prepares.insert(signer, message.clone());
}
