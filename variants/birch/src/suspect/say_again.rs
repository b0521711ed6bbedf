//! `suspect.say_again`: messages may be lost, so what still matters is repeated.

use prime::suspect::{Awaited, Effects, INFINITE, State};
use wire::prime::{Body, NewLeader, ProofMatrix, TatUb};
use wire::{Config, To, View};

/// What the leader is asked for.
fn question(awaited: &Awaited) -> Body {
    match awaited {
        Awaited::Matrix(matrix) => Body::from(ProofMatrix { matrix: matrix.clone() }),
        Awaited::Replay(proof) => Body::from(proof.as_ref().clone()),
    }
}

/// Says again the own bound, the own vote, until the view is settled the proof of its election, and
/// to the leader what it was asked for last.
pub fn say_again(state: &mut State, config: &Config, effects: &mut Effects) {
    let bound = Some(state.announced).filter(|&alpha| alpha != INFINITE).map(|alpha| {
        (To::Others, Body::from(TatUb { view: state.view, alpha }))
    });
    let vote = state.suspects.then(|| {
        (To::Others, Body::from(NewLeader { view: View(state.view.0.saturating_add(1)) }))
    });
    let proof = state
        .proof
        .as_ref()
        .filter(|_| !state.settled)
        .map(|proof| (To::Others, Body::from(proof.clone())));
    let asked = state
        .open
        .last()
        .map(|open| (To::One(config.leader_of(state.view)), question(&open.awaited)));
    [bound, vote, proof, asked].into_iter().flatten().for_each(|(to, body)| effects.send(to, body));
}
