//! A later view's leader is elected.

use prime::suspect::{Effects, State};
use wire::To;
use wire::prime::NewLeaderProof;

/// Keeps the proof, promises it, and shows it to the others.
pub fn elect(state: &mut State, proof: NewLeaderProof, effects: &mut Effects) {
    state.proof = Some(proof.clone());
    effects.promise(To::Others, proof);
}
