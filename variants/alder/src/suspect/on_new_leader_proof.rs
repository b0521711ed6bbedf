//! Somebody shows that a leader was elected.

use prime::suspect::{Effects, State};
use wire::prime::{NewLeader, NewLeaderProof};
use wire::{Config, Reject, Signed, Verified, View};

/// The view that `votes` elect: at least `quorum`, strictly ascending by signer, all for it.
fn proven_by(votes: &[Signed<NewLeader>], quorum: usize) -> Option<View> {
    if votes.len() < quorum {
        return None;
    }
    let first = votes.first()?;
    let view = first.body.view;
    let mut last = first.signer;
    let mut at = 1usize;
    while let Some(vote) = votes.get(at) {
        if vote.body.view != view || vote.signer <= last {
            return None;
        }
        last = vote.signer;
        at += 1;
    }
    Some(view)
}

/// Takes a New-Leader-Proof.
pub fn on_new_leader_proof(
    state: &mut State,
    config: &Config,
    message: &Verified<NewLeaderProof>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    let Some(view) = proven_by(&message.body().votes, config.quorum()) else {
        effects.reject(sender, Reject::Invalid);
        return;
    };
    let reached = state.reached();
    if view == reached {
        effects.reject(sender, Reject::Duplicate);
        return;
    }
    if view < reached {
        effects.reject(sender, Reject::Stale);
        return;
    }

    prime::suspect::elect(state, message.body().clone(), effects);
}
