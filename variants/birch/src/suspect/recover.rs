//! `suspect.recover`: which election the log remembers.

use prime::suspect::State;
use wire::Record;
use wire::prime::{Body, NewLeaderProof, Prime};

/// The proof in a record that promises one.
fn promised(record: &Record<Prime>) -> Option<&NewLeaderProof> {
    match record {
        Record::Promise(Body::NewLeaderProof(proof)) => Some(proof),
        _ => None,
    }
}

/// Takes one record of the log.
pub fn recover(state: &mut State, record: &Record<Prime>) {
    let above = state.proven();
    let later = promised(record)
        .filter(|proof| proof.votes.first().is_some_and(|vote| vote.body.view > above));
    if let Some(proof) = later {
        state.proof = Some(proof.clone());
    }
}
