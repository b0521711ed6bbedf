//! `view_change.on_vc_proof`: any proof serves.

use prime::view_change::{Effects, State, proven};
use wire::prime::VcProof;
use wire::{Config, Reject, Verified};

/// Whether the proof is the view's first, and one.
fn judge(state: &State, config: &Config, proof: &VcProof) -> Result<(), Reject> {
    let view = proof.constraint.view;
    state.outside(view).map_or(Ok(()), Err)?;
    if state.rounds.get(&view).is_some_and(|round| round.proof.is_some()) {
        Err(Reject::Duplicate)
    } else if !proven(config, &proof.constraint, &proof.proof) {
        Err(Reject::Invalid)
    } else {
        Ok(())
    }
}

/// Keeps a proof.
pub fn on_vc_proof(
    state: &mut State,
    config: &Config,
    message: &Verified<VcProof>,
    effects: &mut Effects,
) {
    let proof = message.body();
    match judge(state, config, proof) {
        Err(reason) => effects.reject(message.signer(), reason),
        Ok(()) => {
            state.rounds.entry(proof.constraint.view).or_default().proof = Some(proof.clone());
        }
    }
}
