//! `checkpoint.recover`: the state at the head of the log.

use prime::checkpoint::{State, Transfer};
use wire::prime::{Body, Prime};
use wire::{Config, Record, Time};

/// Takes one record of the log; whether it was for checkpoints.
pub fn recover(state: &mut State, _config: &Config, record: &Record<Prime>) -> bool {
    match record {
        Record::Promise(Body::CheckpointProof(proof)) => {
            let mut transfer = Transfer::new(proof.clone(), Time(0));
            transfer.matrices = [(state.me, proof.preceding.clone())].into();
            state.transfer = Some(transfer);
            true
        }
        Record::Promise(Body::StateChunk(chunk)) => {
            let fetched = state.transfer.as_mut().filter(|transfer| {
                let named = transfer.proof.checkpoints.first().map(|vote| vote.body.state);
                named == Some(chunk.state)
            });
            if let Some(transfer) = fetched {
                transfer.chunks.0.insert(chunk.index, chunk.bytes.to_vec());
            }
            true
        }
        _ => {
            state.remember(record.clone());
            false
        }
    }
}
