//! `view_change.make_vc_proof`: Q servers signed the same.

use prime::view_change::{Effects, Round, State};
use wire::prime::{Proof, VcPartialSig, VcProof};
use wire::{Config, List, To, Verified};

/// The proof for the first constraint that a quorum signed, by the first of them.
fn built(config: &Config, round: &Round) -> Option<VcProof> {
    let quorum = config.quorum();
    if round.partials.len() < quorum {
        return None;
    }
    let mut partials: Vec<&Verified<VcPartialSig>> =
        round.partials.values().flat_map(|of_signer| of_signer.values()).collect();
    partials.sort_by(|one, other| {
        (&one.body().constraint, one.signer()).cmp(&(&other.body().constraint, other.signer()))
    });
    let run = partials
        .chunk_by(|one, next| one.body().constraint == next.body().constraint)
        .find(|run| run.len() >= quorum)?;
    let constraint = run.first()?.body().constraint.clone();
    let signed = &mut run.iter().take(quorum).map(|partial| partial.signed().clone());
    Some(VcProof { constraint, proof: Proof::Certificate(List::take(signed)) })
}

/// Builds a proof, or sends on the one received.
pub fn make_vc_proof(state: &mut State, config: &Config, effects: &mut Effects) {
    let view = state.preinstalled;
    let proof = state
        .round()
        .filter(|round| !round.proof_sent)
        .and_then(|round| round.proof.clone().or_else(|| built(config, round)));
    let Some((proof, round)) = proof.zip(state.rounds.get_mut(&view)) else {
        return;
    };
    round.proof = Some(proof.clone());
    round.proof_sent = true;
    effects.send(To::Others, proof);
}
