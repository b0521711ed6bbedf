//! States of checkpoints.

use super::{ascending, known, square};
use prime::checkpoint::{
    MAX_CHUNKS, MAX_OUTSTANDING, MAX_SNAPSHOTS, MAX_VOTES, Mark, State, Transfer, is_due,
};
use wire::prime::{CheckpointProof, StateId};
use wire::{Config, Seq};

/// Whether checkpointing may meet `state` where no handler is under way.
pub(crate) fn checkpoint(config: &Config, _before: &State, state: &State) -> bool {
    let n = config.size();
    let fits = |seq: &Seq| *seq == Seq(0) || is_due(config, *seq);
    let of_marks = |seq: Seq| seq == Seq(0) || state.marks.contains_key(&seq);
    let offers = |seq: Seq| {
        seq == Seq(0)
            || state
                .marks
                .get(&seq)
                .is_some_and(|mark| mark.snapshot.is_some() && mark.proof.is_some())
    };
    [state.votes.len(), state.shown.len(), state.given.len()].iter().all(|length| *length == n)
        && config.is_replica(state.me)
        && square(config, &state.preceding)
        && state.floor <= state.offered
        && state.offered <= state.stable
        && [state.floor, state.stable, state.logged].iter().all(fits)
        && of_marks(state.stable)
        && offers(state.offered)
        && state.snapshots() <= MAX_SNAPSHOTS.max(state.marks.len())
        && state.marks.iter().all(|(seq, mark)| {
            *seq >= state.floor
                && marked(config, *seq, mark)
                && (mark.proof.is_none() || *seq <= state.stable)
        })
        && votes(config, state)
        && state.given.iter().all(|(_, count)| *count <= MAX_CHUNKS)
        && state.transfer.as_ref().is_none_or(|transfer| fetches(config, transfer))
}

fn marked(config: &Config, seq: Seq, mark: &Mark) -> bool {
    let bytes = mark.snapshot.as_ref().is_none_or(|snapshot| {
        (snapshot.tree.root(), snapshot.bytes.len() as u64) == (mark.state.root, mark.state.length)
    });
    is_due(config, seq)
        && mark.state.seq == seq
        && bytes
        && mark.prefix.len() == config.size()
        && square(config, &mark.preceding)
        && mark
            .proof
            .as_ref()
            .is_none_or(|proof| proves(config, config.quorum(), mark.state, proof))
}

fn proves(config: &Config, least: usize, state: StateId, proof: &CheckpointProof) -> bool {
    ascending(config, least, proof.checkpoints.iter().map(|vote| vote.signer))
        && proof.checkpoints.iter().all(|vote| vote.body.state == state)
        && square(config, &proof.preceding)
}

/// The newest of each server, above what is stable, and none of them decides.
fn votes(config: &Config, state: &State) -> bool {
    let fits = state.votes.iter().enumerate().all(|(row, votes)| {
        votes.len() <= MAX_VOTES
            && votes.iter().all(|(seq, vote)| {
                vote.signer().index() == row
                    && vote.body().state.seq == *seq
                    && is_due(config, *seq)
                    && *seq > state.stable
            })
    });
    let decides = |seq: &Seq| {
        let names = state.votes.iter().filter_map(|votes| votes.get(seq)).map(|v| v.body().state);
        names
            .clone()
            .any(|name| names.clone().filter(|other| *other == name).count() >= config.quorum())
    };
    fits && !state.marks.keys().any(decides)
}

fn fetches(config: &Config, transfer: &Transfer) -> bool {
    let Some(first) = transfer.proof.checkpoints.first() else { return false };
    let state = first.body.state;
    let chunks = state.chunks();
    let below = |index: &u32| u64::from(*index) < chunks;
    let asked = transfer.asked.values().all(|(id, _)| config.is_replica(*id));
    is_due(config, state.seq)
        && proves(config, config.one_correct(), state, &transfer.proof)
        && transfer
            .matrices
            .iter()
            .all(|(id, matrix)| config.is_replica(*id) && matrix.rows.len() == config.size())
        && transfer.chunks.0.keys().all(below)
        && transfer.asked.keys().all(below)
        && transfer.asked.len() <= MAX_OUTSTANDING
        && asked
        && transfer.again.iter().all(below)
        && transfer.again.iter().all(|index| !transfer.asked.contains_key(index))
        && transfer
            .asked
            .keys()
            .chain(&transfer.again)
            .all(|index| *index < transfer.next && !transfer.chunks.0.contains_key(index))
        && u64::from(transfer.next) <= chunks
        && known(config, &transfer.slow)
        && known(config, &transfer.liars)
}
