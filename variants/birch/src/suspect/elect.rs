//! `suspect.elect`: keeps the proof of an election and shows it, once it is on disk.

use prime::suspect::{Effects, State};
use wire::To;
use wire::prime::NewLeaderProof;

/// Keeps `proof` and promises it to the others.
pub fn elect(state: &mut State, proof: NewLeaderProof, effects: &mut Effects) {
    state.proof = Some(proof.clone());
    effects.promise(To::Others, proof);
}
