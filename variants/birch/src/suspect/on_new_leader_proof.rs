//! `suspect.on_new_leader_proof`: a proof of election that somebody shows.

use prime::suspect::{Effects, State, elect};
use std::cmp::Ordering;
use wire::prime::NewLeaderProof;
use wire::{Config, Reject, Verified, View};

/// The view that the proof is for, if it is one.
fn proven(config: &Config, proof: &NewLeaderProof) -> Result<View, Reject> {
    let in_order = proof
        .votes
        .iter()
        .zip(proof.votes.iter().skip(1))
        .all(|(one, next)| one.signer < next.signer && one.body.view == next.body.view);
    proof
        .votes
        .first()
        .filter(|_| in_order && proof.votes.len() >= config.quorum())
        .map(|first| first.body.view)
        .ok_or(Reject::Invalid)
}

/// Whether `view` is news to one who reached `reached`.
fn news(view: View, reached: View) -> Result<(), Reject> {
    match view.cmp(&reached) {
        Ordering::Greater => Ok(()),
        Ordering::Equal => Err(Reject::Duplicate),
        Ordering::Less => Err(Reject::Stale),
    }
}

/// Takes the proof.
pub fn on_new_leader_proof(
    state: &mut State,
    config: &Config,
    message: &Verified<NewLeaderProof>,
    effects: &mut Effects,
) {
    match proven(config, message.body()).and_then(|view| news(view, state.reached())) {
        Ok(()) => elect(state, message.body().clone(), effects),
        Err(reason) => effects.reject(message.signer(), reason),
    }
}
