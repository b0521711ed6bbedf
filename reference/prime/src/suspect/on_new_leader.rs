//! A vote for a new leader arrives.

use crate::suspect::{Effects, State, elect, elected};
use slots::slot;
use wire::prime::NewLeader;
use wire::{Config, Reject, Verified};

/// Counts a New-Leader vote of its signer, who may be this server.
///
/// Rejects (naming the signer, nothing changed), in this precedence:
/// Rejects: `Stale` if its view is at or below [`State::reached`];
/// Rejects: `Duplicate` if the signer's vote in `state.votes` is for that view or a higher one.
///
/// Otherwise it takes the place of the signer's vote, and if somebody is [`elected`] now by
/// `state.votes` above [`State::reached`], [`elect`] follows with the proof.
///
/// Invariant: one vote for each server is held, for the highest view that it asked for.
/// Paper: 4.2 and 5.3, "Preliminaries". Deviation: views are jumped over.
#[slot(suspect.on_new_leader)]
pub fn on_new_leader(
    state: &mut State,
    config: &Config,
    message: &Verified<NewLeader>,
    effects: &mut Effects,
) {
    let (sender, view) = (message.signer(), message.body().view);
    if view <= state.reached() {
        return effects.reject(sender, Reject::Stale);
    }
    let held = &mut state.votes[sender.index()];
    if held.as_ref().is_some_and(|held| held.body().view >= view) {
        return effects.reject(sender, Reject::Duplicate);
    }
    *held = Some(message.clone());
    if let Some(proof) = elected(config, &state.votes, state.reached()) {
        elect(state, proof, effects);
    }
}
