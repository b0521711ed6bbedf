//! Somebody shows that Q servers signed a constraint.

use prime::view_change::{Effects, State, proven};
use wire::prime::VcProof;
use wire::{Config, Reject, Verified};

/// Keeps the first proof of a view.
pub fn on_vc_proof(
    state: &mut State,
    config: &Config,
    message: &Verified<VcProof>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let proof = message.body();
    let view = proof.constraint.view;
    if let Some(reason) = state.outside(view) {
        effects.reject(signer, reason);
        return;
    }
    if let Some(round) = state.rounds.get(&view) {
        if round.proof.is_some() {
            effects.reject(signer, Reject::Duplicate);
            return;
        }
    }
    if !proven(config, &proof.constraint, &proof.proof) {
        effects.reject(signer, Reject::Invalid);
        return;
    }

    state.rounds.entry(view).or_default().proof = Some(proof.clone());
}
