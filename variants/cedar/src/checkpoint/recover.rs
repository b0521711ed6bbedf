//! Takes a record of the log.

use prime::checkpoint::{State, Transfer};
use wire::prime::{Body, Prime};
use wire::{Config, Record, Time};

/// Whether the record was about the state with which the log begins.
pub fn recover(state: &mut State, _config: &Config, record: &Record<Prime>) -> bool {
    match record {
        Record::Promise(Body::CheckpointProof(proof)) => {
            let mut transfer = Transfer::new(proof.clone(), Time(0));
            transfer.matrices.insert(state.me, proof.preceding.clone());
            state.transfer = Some(transfer);
            true
        }
        Record::Promise(Body::StateChunk(chunk)) => {
            let fetched = state.transfer.as_mut();
            if let Some(transfer) = fetched.filter(|it| it.state() == chunk.state) {
                transfer.chunks.0.insert(chunk.index, chunk.bytes.to_vec());
            }
            true
        }
        Record::Promise(_) | Record::Held(_) => {
            state.remember(record.clone());
            false
        }
    }
}
