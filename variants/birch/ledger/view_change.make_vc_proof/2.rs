//! `view_change.make_vc_proof`: Q servers signed the same.

use prime::view_change::{Effects, Round, State};
use wire::prime::{Proof, VcPartialSig, VcProof};
use wire::{Config, List, To, Verified};

/// The proof for the lowest constraint that a quorum signed, by all that did.
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
    let signed = &mut run.iter().map(|partial| partial.signed().clone());
    Some(VcProof { constraint, proof: Proof::Certificate(List::take(signed)) })
}

/// Builds a proof, or sends on the one received.
pub fn make_vc_proof(state: &mut State, config: &Config, effects: &mut Effects) {
    let view = state.preinstalled;
    let leader = config.leader_of(view);
    let found = state.round().filter(|round| !round.proof_sent).and_then(|round| {
        let received = || Some((round.proof.clone()?, Some(leader).filter(|&id| id != state.me)));
        match received() {
            Some((proof, leader)) => Some((proof, leader.map(To::One))),
            None => Some((built(config, round)?, Some(To::All))),
        }
    });
    let Some(((proof, to), round)) = found.zip(state.rounds.get_mut(&view)) else {
        return;
    };
    round.proof = Some(proof.clone());
    round.proof_sent = true;
    if let Some(to) = to {
        effects.send(to, proof);
    }
}
