//! Takes the proof of an election.

use std::cmp::Ordering;

use prime::suspect::{Effects, State, elect};
use wire::prime::{NewLeader, NewLeaderProof};
use wire::{Config, Reject, Signed, Verified, View};

/// What is to be done with a proof.
enum Verdict {
    Elect,
    Drop(Reject),
}

/// Takes a proof for a view above the highest reached one.
pub fn on_new_leader_proof(
    state: &mut State,
    config: &Config,
    message: &Verified<NewLeaderProof>,
    effects: &mut Effects,
) {
    let proof = message.body();
    let verdict = match elected_by(config, &proof.votes) {
        None => Verdict::Drop(Reject::Invalid),
        Some(view) => match view.cmp(&state.reached()) {
            Ordering::Equal => Verdict::Drop(Reject::Duplicate),
            Ordering::Less => Verdict::Drop(Reject::Stale),
            Ordering::Greater => Verdict::Elect,
        },
    };
    match verdict {
        Verdict::Elect => elect(state, proof.clone(), effects),
        Verdict::Drop(reason) => effects.reject(message.signer(), reason),
    }
}

/// The view that all votes are for, if they prove anything.
fn elected_by(config: &Config, votes: &[Signed<NewLeader>]) -> Option<View> {
    let view = votes.first()?.body.view;
    let sound = votes.len() >= config.quorum()
        && votes.iter().all(|vote| vote.body.view == view)
        && votes.iter().zip(votes.iter().skip(1)).all(|(low, high)| low.signer < high.signer);
    sound.then_some(view)
}
