//! What may have been lost is said again.

use crate::suspect::{Awaited, Effects, INFINITE, State};
use slots::slot;
use wire::prime::{NewLeader, ProofMatrix, TatUb};
use wire::{Config, To, View};

/// Says again, without `Persist`, each as one `Send`, in this order:
/// 1. to `To::Others`, the TAT-UB with `state.announced`, unless that is infinite;
/// 2. to `To::Others`, the New-Leader vote as in [`vote`](super::vote), if `suspects`;
/// 3. to `To::Others`, `state.proof`, if there is one and `settled` is false;
/// 4. to the leader alone, what the last entry of `state.open` awaits an answer to, if there is one: the
///    Proof-Matrix with its matrix, or its VC-Proof. A lost message must not convict a leader.
///
/// Paper: 4.2, Figure 4, C1. Deviation: 2 to 4.
///
/// Invariant: changes nothing, persists nothing, and says nothing that was not said before.
#[slot(suspect.say_again)]
pub fn say_again(state: &mut State, config: &Config, effects: &mut Effects) {
    let view = state.view;
    if state.announced < INFINITE {
        effects.send(To::Others, TatUb { view, alpha: state.announced });
    }
    if state.suspects {
        effects.send(To::Others, NewLeader { view: View(view.0.saturating_add(1)) });
    }
    if let Some(proof) = state.proof.as_ref().filter(|_| !state.settled) {
        effects.send(To::Others, proof.clone());
    }
    let leader = To::One(config.leader_of(view));
    match state.open.last().map(|one| &one.awaited) {
        Some(Awaited::Matrix(matrix)) => {
            effects.send(leader, ProofMatrix { matrix: matrix.clone() });
        }
        Some(Awaited::Replay(proof)) => effects.send(leader, (**proof).clone()),
        None => {}
    }
}
