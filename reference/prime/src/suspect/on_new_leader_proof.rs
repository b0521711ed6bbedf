//! Somebody proves that a leader was elected.

use crate::suspect::{Effects, State, elect};
use slots::slot;
use wire::prime::NewLeaderProof;
use wire::{Config, Reject, Verified};

/// Takes a New-Leader-Proof.
///
/// Rejects (naming its sender, nothing changed), in this precedence:
/// Rejects: `Invalid` unless it holds at least Q votes, strictly ascending by signer, all of them for
/// the same view;
/// Rejects: `Duplicate` if that is [`State::reached`];
/// Rejects: `Stale` if it is below that.
///
/// Otherwise [`elect`] follows with the votes as they are.
///
/// Paper: 5.3, "Preliminaries". Deviation: none.
///
/// Invariant: the preinstalled view does not change here; a proof is kept and passed on only for a
/// higher one.
#[slot(suspect.on_new_leader_proof)]
pub fn on_new_leader_proof(
    state: &mut State,
    config: &Config,
    message: &Verified<NewLeaderProof>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let votes = &message.body().votes;
    let agree = votes
        .windows(2)
        .all(|pair| pair[0].signer < pair[1].signer && pair[0].body.view == pair[1].body.view);
    let Some(first) = votes.first().filter(|_| agree && votes.len() >= config.quorum()) else {
        return effects.reject(sender, Reject::Invalid);
    };
    if first.body.view == state.reached() {
        return effects.reject(sender, Reject::Duplicate);
    }
    if first.body.view < state.reached() {
        return effects.reject(sender, Reject::Stale);
    }
    elect(state, message.body().clone(), effects);
}
