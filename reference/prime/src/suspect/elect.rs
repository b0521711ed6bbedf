//! A view's leader is elected: this server will preinstall the view.

use crate::suspect::{Effects, State};
use slots::slot;
use wire::To;
use wire::prime::NewLeaderProof;

/// Keeps `proof`, which proves the election for a view above the preinstalled one, as `state.proof`, and
/// emits it as a promise to `To::Others`: nothing of the view may be said before it is on disk.
///
/// `state.view` stays; whoever called this preinstalls the view in the same step ([`State::awaits`],
/// `start`).
///
/// Paper: 5.3, "Preliminaries". Deviation: the proof is shown at once, so that all preinstall within
/// one round of the first.
#[slot(suspect.elect)]
pub fn elect(state: &mut State, proof: NewLeaderProof, effects: &mut Effects) {
    state.proof = Some(proof.clone());
    effects.promise(To::Others, proof);
    assert!(state.awaits().is_some(), "an election is for a later view");
}
