//! A view's leader is elected: this server will preinstall the view.

use crate::suspect::{Effects, State};
use slots::slot;
use wire::To;
use wire::prime::NewLeaderProof;

/// Keeps `proof` as `state.proof`, in place of one that is held, and emits it as a promise to
/// `To::Others` (`Persist` as `Promise`, then `Send`): nothing of the view may be said before it is on
/// disk.
///
/// `state.view` stays; whoever called this preinstalls the view in the same step ([`State::awaits`],
/// `start`).
///
/// Requires: it proves the election for a view above [`State::reached`].
/// Paper: 5.3, "Preliminaries". Deviation: the proof is shown at once, so that all preinstall within
/// one round of the first.
///
/// Invariant: the proof is persisted as a promise before it is sent; `view` does not change.
#[slot(suspect.elect)]
pub fn elect(state: &mut State, proof: NewLeaderProof, effects: &mut Effects) {
    let reached = state.reached();
    state.proof = Some(proof.clone());
    assert!(state.proven() > reached, "an election is for a later view");
    effects.promise(To::Others, proof);
}
