//! A record of the log.

use prime::suspect::State;
use wire::Record;
use wire::prime::{Body, Prime};

/// Takes one record: a promised proof of a higher view than is proven becomes the proof held.
pub fn recover(state: &mut State, record: &Record<Prime>) {
    let Record::Promise(Body::NewLeaderProof(proof)) = record else {
        return;
    };
    let Some(first) = proof.votes.first() else {
        return;
    };
    if first.body.view <= state.proven() {
        return;
    }

    state.proof = Some(proof.clone());
}
