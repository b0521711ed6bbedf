//! Takes a record of the log.

use prime::suspect::State;
use wire::Record;
use wire::prime::{Body, Prime};

/// Keeps a promised proof of a higher view than the one held.
pub fn recover(state: &mut State, record: &Record<Prime>) {
    let Record::Promise(Body::NewLeaderProof(proof)) = record else {
        return;
    };
    let higher = proof.votes.first().is_some_and(|vote| vote.body.view > state.proven());
    if higher {
        state.proof = Some(proof.clone());
    }
}
