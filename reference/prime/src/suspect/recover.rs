//! What the log says about elections.

use crate::suspect::State;
use slots::slot;
use wire::Record;
use wire::prime::{Body, Prime};

/// Takes one record of the log, in the order written, before the server starts.
///
/// `Promise` of a New-Leader-Proof: it becomes `state.proof`, if it has a vote and the view of the first
/// is above [`State::proven`]. Anything else is not for leader monitoring: nothing happens. `state.view`
/// stays; the view is preinstalled by `start`.
///
/// Invariant: a server that has spoken in a view does not fall back behind it.
/// Paper: none; the report's servers do not forget. Deviation: none.
#[slot(suspect.recover)]
pub fn recover(state: &mut State, record: &Record<Prime>) {
    if let Record::Promise(Body::NewLeaderProof(proof)) = record {
        let view = proof.votes.first().map(|vote| vote.body.view);
        if view > Some(state.proven()) {
            state.proof = Some(proof.clone());
        }
    }
}
