//! Proves a constraint.

use std::collections::BTreeMap;

use prime::view_change::{Effects, Round, State};
use wire::prime::{Constraint, Proof, VcPartialSig, VcProof};
use wire::{Config, List, To, Verified};

/// Builds a proof or sends on the one received, once.
pub fn make_vc_proof(state: &mut State, config: &Config, effects: &mut Effects) {
    let (me, view, changing) = (state.me, state.preinstalled, state.changing());
    let Some(round) = state.rounds.get_mut(&view).filter(|round| changing && !round.proof_sent)
    else {
        return;
    };
    let received = round.proof.is_some();
    if !received {
        round.proof = built(config, round);
    }
    let Some(proof) = &round.proof else {
        return;
    };
    round.proof_sent = true;
    let leader = config.leader_of(view);
    let receivers = [
        (!received, Some(To::All)),
        (received && me == leader, None),
        (received, Some(To::One(leader))),
    ];
    let to = receivers.into_iter().find_map(|(holds, to)| holds.then_some(to)).flatten();
    if let Some(to) = to {
        effects.send(to, proof.clone());
    }
}

/// The proof of the lowest constraint that Q servers or more signed, by all of their signatures.
fn built(config: &Config, round: &Round) -> Option<VcProof> {
    let need = config.quorum();
    let mut signed: BTreeMap<&Constraint, Vec<&Verified<VcPartialSig>>> = BTreeMap::new();
    for partial in round.partials.values().flat_map(BTreeMap::values) {
        signed.entry(&partial.body().constraint).or_default().push(partial);
    }
    let (constraint, partials) =
        signed.into_iter().find(|(_, partials)| partials.len() >= need)?;
    // By signer, ascending, one each: so they are held.
    let mut chosen = partials.into_iter().map(|partial| partial.signed().clone());
    Some(VcProof {
        constraint: constraint.clone(),
        proof: Proof::Certificate(List::take(&mut chosen)),
    })
}
