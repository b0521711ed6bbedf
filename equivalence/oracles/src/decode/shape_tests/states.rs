//! Checkpoints and state transfer.

use super::{breaks, each, passes};
use crate::decode::kit::message;
use wire::merkle::MAX_DEPTH;
use wire::prime::{CHUNK, Message, StateId};
use wire::{Blob, Digest, List, Seq};

#[test]
fn a_state_is_no_longer_than_its_tree_allows() {
    let length = |length| bent!(Checkpoint, |m| m.body.state.length = length);
    let most = (CHUNK as u64) << MAX_DEPTH;
    breaks(
        "a state is at most",
        &[
            length(most + 1),
            length(u64::MAX),
            bent!(StateRequest, |m| m.body.state.length = most + 1),
            bent!(CheckpointProof, |m| {
                each(&mut m.body.checkpoints, |vote| vote.state.length = most + 1);
            }),
        ],
    );
    passes(&[length(most), length(0)]);
}

/// A chunk, and the request for it, of a state of that length.
fn chunk(length: u64, index: u32, bytes: usize) -> [Message; 2] {
    let of = |state: StateId| StateId { length, ..state };
    [
        bent!(StateRequest, |m| {
            m.body.state = of(m.body.state);
            m.body.index = index;
        }),
        bent!(StateChunk, |m| {
            m.body.state = of(m.body.state);
            m.body.index = index;
            m.body.bytes = Blob::new(vec![0; bytes]).unwrap();
        }),
    ]
}

#[test]
fn a_chunks_index_is_one_of_its_state() {
    let whole = CHUNK as u64;
    for (length, index) in [(0, 1), (1, 1), (whole, 1), (whole + 1, 2), (5, u32::MAX)] {
        breaks("a chunk's index", &chunk(length, index, 0));
    }
    breaks("a chunk's index", &chunk(whole << MAX_DEPTH, 1 << MAX_DEPTH, CHUNK));
}

#[test]
fn a_chunk_is_as_long_as_its_state_says() {
    let whole = CHUNK as u64;
    let most = whole << MAX_DEPTH;
    let last = (1 << MAX_DEPTH) - 1;
    for (length, index, bytes) in [
        (0, 0, 0),
        (1, 0, 1),
        (whole, 0, CHUNK),
        (whole + 1, 0, CHUNK),
        (whole + 1, 1, 1),
        (2 * whole, 1, CHUNK),
        (most - 1, last, CHUNK - 1),
        (most, last, CHUNK),
    ] {
        passes(&chunk(length, index, bytes));
        let [_, other] = chunk(length, index, if bytes == 0 { 1 } else { bytes - 1 });
        breaks("the last the rest", &[other]);
    }
}

#[test]
fn the_checkpoints_of_a_proof_are_for_one_state() {
    breaks(
        "the Checkpoints of a proof",
        &[
            bent!(CheckpointProof, |m| m.body.checkpoints = List::empty()),
            bent!(CheckpointProof, |m| m.body.checkpoints[1].body.state.seq = Seq(1)),
            bent!(CheckpointProof, |m| m.body.checkpoints[0].body.state.root = Digest::default()),
            bent!(CheckpointProof, |m| m.body.checkpoints[1].body.state.length = 1),
        ],
    );
}
