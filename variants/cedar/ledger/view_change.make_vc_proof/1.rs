//! Proves a constraint.

use std::collections::BTreeMap;

use prime::view_change::{Effects, Round, State};
use wire::prime::{Constraint, Proof, VcPartialSig, VcProof};
use wire::{Config, List, To, Verified};

/// Builds a proof or sends on the one received, once.
pub fn make_vc_proof(state: &mut State, config: &Config, effects: &mut Effects) {
    if !state.changing() {
        return;
    }
    let view = state.preinstalled;
    let Some(round) = state.rounds.get_mut(&view).filter(|round| !round.proof_sent) else {
        return;
    };
    if round.proof.is_none() {
        round.proof = built(config, round);
    }
    if let Some(proof) = &round.proof {
        round.proof_sent = true;
        effects.send(To::All, proof.clone());
    }
}

/// The proof of the lowest constraint that Q servers signed.
fn built(config: &Config, round: &Round) -> Option<VcProof> {
    let need = config.quorum();
    let mut signed: BTreeMap<&Constraint, Vec<&Verified<VcPartialSig>>> = BTreeMap::new();
    for partial in round.partials.values().flat_map(BTreeMap::values) {
        signed.entry(&partial.body().constraint).or_default().push(partial);
    }
    let (constraint, partials) =
        signed.into_iter().find(|(_, partials)| partials.len() >= need)?;
    // By signer, ascending, one each: so they are held.
    let mut chosen = partials.into_iter().take(need).map(|partial| partial.signed().clone());
    Some(VcProof {
        constraint: constraint.clone(),
        proof: Proof::Certificate(List::take(&mut chosen)),
    })
}
