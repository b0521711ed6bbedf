//! `view_change.on_replay_prepare`: one vote of each server but the leader in a view.

use prime::view_change::{Effects, State};
use wire::prime::ReplayPrepare;
use wire::{Config, Reject, Verified};

/// Whether the vote is the first of its signer, who may vote.
fn judge(state: &State, config: &Config, message: &Verified<ReplayPrepare>) -> Result<(), Reject> {
    let (view, voter) = (message.body().view, message.signer());
    state.outside(view).map_or(Ok(()), Err)?;
    let held = state.rounds.get(&view).and_then(|round| round.prepares.get(&voter));
    match held.map(|vote| vote.body().digest == message.body().digest) {
        _ if voter == config.leader_of(view) => Err(Reject::NotEntitled),
        None => Ok(()),
        Some(true) => Err(Reject::Duplicate),
        Some(false) => Err(Reject::Equivocation),
    }
}

/// Keeps a vote.
pub fn on_replay_prepare(
    state: &mut State,
    config: &Config,
    message: &Verified<ReplayPrepare>,
    effects: &mut Effects,
) {
    match judge(state, config, message) {
        Err(reason) => effects.reject(message.signer(), reason),
        Ok(()) => {
            let round = state.rounds.entry(message.body().view).or_default();
            round.prepares.insert(message.signer(), message.clone());
        }
    }
}
