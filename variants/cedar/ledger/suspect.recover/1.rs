//! Takes a record of the log.

use prime::suspect::State;
use wire::Record;
use wire::prime::{Body, Prime};

/// Keeps the proof of the highest view that was promised.
pub fn recover(state: &mut State, record: &Record<Prime>) {
    let Record::Promise(Body::NewLeaderProof(proof)) = record else {
        return;
    };
    let higher = proof.votes.first().is_some_and(|vote| vote.body.view > state.reached());
    if higher {
        state.proof = Some(proof.clone());
    }
}
