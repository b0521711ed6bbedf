//! Keeps and passes on the proof of an election.

use prime::suspect::{Effects, State};
use wire::To;
use wire::prime::NewLeaderProof;

/// The promise goes to the log before it is sent.
pub fn elect(state: &mut State, proof: NewLeaderProof, effects: &mut Effects) {
    effects.promise(To::Others, proof.clone());
    state.proof = Some(proof);
}
