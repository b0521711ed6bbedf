//! What the tests of checkpoints' oracles are made of, beside what all are: an interval of 10
//! numbers, and states of three chunks.

pub(crate) use crate::kit::{ME, all_trip, effects, reject, sign, trips};

use super::definitions::{begun, chunk, cut};
use crate::pre_order::kit::matrix;
use prime::checkpoint::{Chunks, Mark, State, Transfer};
use wire::prime::{CHUNK, Checkpoint, CheckpointProof, Matrix, StateChunk, StateId};
use wire::{Config, List, PoSeq, Seq, Time, Verified};

/// The interval.
pub(crate) const INTERVAL: u64 = 10;

/// How long the states are.
pub(crate) const BYTES: usize = 2 * CHUNK + 5;

/// Four servers, a checkpoint every ten numbers.
pub(crate) fn config() -> Config {
    let mut config = crate::kit::config();
    config.windows.checkpoint = INTERVAL;
    config
}

/// Server 1, knowing nothing.
pub(crate) fn state() -> State {
    State::new(&config(), ME)
}

/// The state after `number` intervals; `variant` 0 is the right one.
pub(crate) fn variant(number: u64, variant: u8) -> (StateId, Vec<u8>) {
    let mut bytes = vec![variant; BYTES];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    (cut(Seq(number * INTERVAL), &bytes).0, bytes)
}

/// Its encoding.
pub(crate) fn bytes(number: u64) -> Vec<u8> {
    variant(number, 0).1
}

/// Its name.
pub(crate) fn name(number: u64) -> StateId {
    variant(number, 0).0
}

/// Server `i` vouches for a state.
pub(crate) fn vote_for(i: u16, state: StateId) -> Verified<Checkpoint> {
    sign(i, Checkpoint { state })
}

/// Server `i` vouches for the state after so many intervals.
pub(crate) fn vote(i: u16, number: u64) -> Verified<Checkpoint> {
    vote_for(i, name(number))
}

/// A matrix with rows; each `tag` another.
pub(crate) fn preceding(tag: u64) -> Matrix {
    matrix(&[&[tag, 0, 0, 0], &[], &[], &[]])
}

/// These vouch for the state after so many intervals.
pub(crate) fn proof(number: u64, by: &[u16], preceding: Matrix) -> CheckpointProof {
    let checkpoints = by.iter().map(|&i| vote(i, number).signed().clone()).collect();
    CheckpointProof { checkpoints: List::new(checkpoints).unwrap(), preceding }
}

/// A mark, with bytes, without proof.
pub(crate) fn mark(number: u64) -> Mark {
    let (state, snapshot) = cut(Seq(number * INTERVAL), &bytes(number));
    Mark {
        state,
        prefix: vec![PoSeq(number), PoSeq(0), PoSeq(0), PoSeq(0)],
        preceding: preceding(number),
        snapshot: Some(snapshot),
        proof: None,
    }
}

/// Marks after so many intervals are there.
pub(crate) fn with_marks(numbers: &[u64]) -> State {
    let mut state = state();
    state.marks = numbers.iter().map(|&n| (Seq(n * INTERVAL), mark(n))).collect();
    state
}

/// The mark after so many intervals, which is there.
pub(crate) fn at(state: &mut State, number: u64) -> &mut Mark {
    state.marks.entry(Seq(number * INTERVAL)).or_insert_with(|| mark(number))
}

/// Servers 2, 3 and 4 proved the marks after so many intervals.
pub(crate) fn proved(state: &mut State, numbers: &[u64]) {
    for &n in numbers {
        at(state, n).proof = Some(proof(n, &[2, 3, 4], preceding(n)));
        state.stable = state.stable.max(Seq(n * INTERVAL));
    }
}

/// A server's vote is held.
pub(crate) fn hold(state: &mut State, vote: &Verified<Checkpoint>) {
    state.votes[vote.signer().index()].insert(vote.body().state.seq, vote.clone());
}

/// The state after so many intervals is being fetched since 100, on the word of server 3.
pub(crate) fn transfer(number: u64) -> Transfer {
    let proof = proof(number, &[3, 4], preceding(7));
    begun(proof, [(wire::ReplicaId(3), preceding(7))].into(), Time(100))
}

/// A chunk of the state after so many intervals.
pub(crate) fn piece(number: u64, index: u32) -> StateChunk {
    let (state, snapshot) = cut(Seq(number * INTERVAL), &bytes(number));
    chunk(state, &snapshot, index)
}

/// These chunks of it.
pub(crate) fn here(number: u64, indices: &[u32]) -> Chunks {
    Chunks(indices.iter().map(|&i| (i, piece(number, i).bytes.to_vec())).collect())
}
