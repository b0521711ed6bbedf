//! Q equal signatures are a proof.

use prime::view_change::{Effects, Round, State};
use wire::config::MAX_REPLICAS;
use wire::prime::{Constraint, Partials, Proof, VcProof};
use wire::{Config, To};

/// The lowest constraint that at least `quorum` servers signed.
fn lowest(round: &Round, quorum: usize) -> Option<&Constraint> {
    if round.partials.len() < quorum {
        return None;
    }
    let mut all: Vec<&Constraint> = Vec::new();
    for of_signer in round.partials.values() {
        for partial in of_signer.values() {
            all.push(&partial.body().constraint);
        }
    }
    // A signer has one for each list: equal ones are of distinct signers, and stand together now.
    all.sort_unstable();
    let mut run = 0usize;
    let mut last: Option<&Constraint> = None;
    for &constraint in &all {
        run = if last == Some(constraint) { run + 1 } else { 1 };
        last = Some(constraint);
        if run >= quorum {
            return Some(constraint);
        }
    }
    None
}

/// The proof of the lowest constraint that at least `quorum` servers signed.
fn build(round: &Round, quorum: usize) -> Option<VcProof> {
    let constraint = lowest(round, quorum)?;
    let mut signatures = Vec::with_capacity(quorum);
    for of_signer in round.partials.values() {
        if signatures.len() >= MAX_REPLICAS {
            break;
        }
        if let Some(partial) = of_signer.get(&constraint.ids) {
            if partial.body().constraint == *constraint {
                signatures.push(partial.signed().clone());
            }
        }
    }
    match Partials::new(signatures) {
        Ok(signatures) => Some(VcProof {
            constraint: constraint.clone(),
            proof: Proof::Certificate(signatures),
        }),
        Err(_) => None,
    }
}

/// Builds a proof from the partial signatures held, or sends on the one received.
pub fn make_vc_proof(state: &mut State, config: &Config, effects: &mut Effects) {
    if !state.changing() {
        return;
    }
    let leader = config.leader_of(state.preinstalled);
    let Some(round) = state.rounds.get_mut(&state.preinstalled) else {
        return;
    };
    if round.proof_sent {
        return;
    }
    let received = round.proof.is_some();
    if !received {
        round.proof = build(round, config.quorum());
    }
    let Some(proof) = &round.proof else {
        return;
    };

    round.proof_sent = true;
    if !received {
        effects.send(To::All, proof.clone());
    } else if leader != state.me {
        effects.send(To::One(leader), proof.clone());
    }
}
