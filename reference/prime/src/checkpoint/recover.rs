//! The state that the log begins with.

use crate::checkpoint::{State, Transfer};
use slots::slot;
use wire::machine::Record;
use wire::prime::{Body, Prime};
use wire::{Config, Time};

/// Takes one record of the log, in the order written, before the server starts. Returns whether it
/// was for this component; then the caller looks whether the state is complete.
///
/// - `Promise` of a Checkpoint-Proof: what is being fetched becomes `Transfer::new` of it and time 0 (no
///   time is known), with its own matrix in `matrices` under this server, instead of any other. Returns
///   true.
/// - `Promise` of a State-Chunk: its bytes are kept under its index if it is of the state being fetched;
///   nothing else changes, and it is not looked at again. Returns true in any case.
/// - Anything else is not for checkpoints: [`State::remember`], and false is returned.
///
/// Paper: none; the report's servers do not forget. Deviation: none.
///
/// Invariant: emits nothing; a record that is for another component leaves what is being fetched as
/// it is.
#[slot(checkpoint.recover)]
#[expect(clippy::wildcard_enum_match_arm, reason = "most records are for others")]
pub fn recover(state: &mut State, _config: &Config, record: &Record<Prime>) -> bool {
    match record {
        Record::Promise(Body::CheckpointProof(proof)) => {
            let mut transfer = Transfer::new(proof.clone(), Time(0));
            transfer.matrices.insert(state.me, proof.preceding.clone());
            state.transfer = Some(transfer);
            true
        }
        Record::Promise(Body::StateChunk(chunk)) => {
            if let Some(transfer) = state.transfer.as_mut().filter(|t| t.state() == chunk.state) {
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
