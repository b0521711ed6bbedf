//! A record of the log.

use prime::checkpoint::{State, Transfer};
use wire::prime::{Body, Prime, StateChunk};
use wire::{Config, Record, Time};

/// Keeps the bytes of a chunk, if it is of the state being fetched.
fn keep(transfer: &mut Transfer, chunk: &StateChunk) {
    let Some(first) = transfer.proof.checkpoints.first() else {
        return;
    };
    if first.body.state == chunk.state {
        transfer.chunks.0.insert(chunk.index, chunk.bytes.to_vec());
    }
}

/// Takes one record; says whether it was for this component.
pub fn recover(state: &mut State, _config: &Config, record: &Record<Prime>) -> bool {
    match record {
        Record::Promise(Body::CheckpointProof(proof)) => {
            let mut transfer = Transfer::new(proof.clone(), Time(0));
            transfer.matrices.insert(state.me, proof.preceding.clone());
            state.transfer = Some(transfer);
            true
        }
        Record::Promise(Body::StateChunk(chunk)) => {
            if let Some(transfer) = &mut state.transfer {
                keep(transfer, chunk);
            }
            true
        }
        _ => {
            state.remember(record.clone());
            false
        }
    }
}
