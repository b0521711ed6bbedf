//! What may have been lost is said again.

use prime::suspect::{Awaited, Effects, INFINITE, State};
use wire::prime::{NewLeader, ProofMatrix, TatUb};
use wire::{Config, To, View};

/// Says again what still matters.
pub fn say_again(state: &mut State, config: &Config, effects: &mut Effects) {
    if state.announced != INFINITE {
        effects.send(To::Others, TatUb { view: state.view, alpha: state.announced });
    }
    if state.suspects {
        effects.send(To::Others, NewLeader { view: View(state.view.0.saturating_add(1)) });
    }
    if !state.settled {
        if let Some(proof) = &state.proof {
            effects.send(To::Others, proof.clone());
        }
    }
    let Some(last) = state.open.last() else {
        return;
    };
    let leader = To::One(config.leader_of(state.view));
    match &last.awaited {
        Awaited::Matrix(matrix) => effects.send(leader, ProofMatrix { matrix: matrix.clone() }),
        Awaited::Replay(proof) => effects.send(leader, proof.as_ref().clone()),
    }
}
