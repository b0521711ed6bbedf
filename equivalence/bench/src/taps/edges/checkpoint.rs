//! Votes for checkpoints, just enough or one less, and more than one state that is wrong.

use super::Stage;
use crate::taps::staged::checkpoint::{another, unsettled};
use prime::checkpoint::{MAX_VOTES, State};
use wire::prime::{Checkpoint, CheckpointProof};
use wire::{List, ReplicaId, Seq, Time, Verified};

/// Proof of one's own checkpoint by Q servers, or by one less.
pub(super) fn on_checkpoint_proof(stage: &mut Stage<'_>) {
    type Args = (Time, Seq, Verified<CheckpointProof>);
    let (state, (now, _, _)) = stage.call::<State, Args>();
    let Some(mark) = state.marks.values().next_back() else { return };
    let vote = Checkpoint { state: mark.state };
    let config = stage.hand.config;
    let quorum: Vec<ReplicaId> = config.replicas().take(config.quorum()).collect();
    let less = quorum[1..].to_vec();
    let open = unsettled(state);
    for signers in [quorum, less] {
        let votes =
            signers.into_iter().map(|id| stage.hand.sign(id, vote.clone()).signed().clone());
        let checkpoints = List::take(&mut votes.collect::<Vec<_>>().into_iter());
        let proof = CheckpointProof { checkpoints, preceding: mark.preceding.clone() };
        let proof = stage.hand.sign(stage.another(state.me), proof);
        for executed in [mark.state.seq, Seq(mark.state.seq.0 - 1)] {
            let args = (*now, executed, proof.clone());
            stage.edge("votes for a mark", "checkpoint.on_checkpoint_proof", open.clone(), args);
        }
    }
}

/// Q servers agree on another state at each of several numbers, or at all but one.
pub(super) fn settle(stage: &mut Stage<'_>) {
    let (state, (now,)) = stage.call::<State, (Time,)>();
    let mut state = unsettled(state);
    let names: Vec<_> = state.marks.values().map(|mark| mark.state).rev().take(MAX_VOTES).collect();
    if names.len() < 2 {
        return;
    }
    for id in stage.hand.config.replicas().take(stage.hand.config.quorum()) {
        let vote = |name| stage.hand.sign(id, Checkpoint { state: another(name) });
        state.votes[id.index()] = names.iter().map(|name| (name.seq, vote(*name))).collect();
    }
    stage.edge("wrong at several numbers", "checkpoint.settle", state.clone(), (*now,));
    for name in names {
        let mut state = state.clone();
        for (id, votes) in stage.hand.config.replicas().zip(&mut state.votes) {
            if let Some(vote) = votes.get_mut(&name.seq) {
                *vote = stage.hand.sign(id, Checkpoint { state: name });
            }
        }
        stage.edge("wrong at all numbers but one", "checkpoint.settle", state, (*now,));
    }
}
