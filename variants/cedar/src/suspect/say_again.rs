//! Says again what others may have missed.

use prime::suspect::{Awaited, Effects, INFINITE, State};
use wire::prime::{Body, NewLeader, ProofMatrix, TatUb};
use wire::{Config, To, View};

/// The bound, the vote, the election, and to the leader what it owes.
pub fn say_again(state: &mut State, config: &Config, effects: &mut Effects) {
    for (to, body) in drawn_up(state, config) {
        effects.send(to, body);
    }
}

/// All that is to be said, in order.
fn drawn_up(state: &State, config: &Config) -> Vec<(To, Body)> {
    let view = state.view;
    let leader = To::One(config.leader_of(view));
    let bound = (state.announced != INFINITE)
        .then(|| Body::TatUb(TatUb { view, alpha: state.announced }));
    let vote = state
        .suspects
        .then(|| Body::NewLeader(NewLeader { view: View(view.0.saturating_add(1)) }));
    let election =
        state.proof.as_ref().filter(|_| !state.settled).cloned().map(Body::NewLeaderProof);
    let owed = state.open.last().map(|it| match &it.awaited {
        Awaited::Replay(proof) => Body::VcProof(proof.as_ref().clone()),
        Awaited::Matrix(matrix) => Body::ProofMatrix(ProofMatrix { matrix: matrix.clone() }),
    });
    [(To::Others, bound), (To::Others, vote), (To::Others, election), (leader, owed)]
        .into_iter()
        .filter_map(|(to, body)| body.map(|body| (to, body)))
        .collect()
}
