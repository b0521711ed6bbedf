//! `checkpoint.on_state_chunk`: a part of the state being fetched.

use prime::checkpoint::{Effects, State, Transfer, chunk_leaf, path_length};
use wire::prime::StateChunk;
use wire::{Config, Reject, Time, Verified, merkle};

/// Whether a chunk is of the state being fetched, not here yet and true.
fn judge(transfer: &Transfer, chunk: &StateChunk) -> Result<(), Reject> {
    let named = transfer.proof.checkpoints.first().map(|vote| vote.body.state);
    let fits = || {
        u64::from(chunk.index) < chunk.state.chunks()
            && chunk.path.len() == path_length(&chunk.state)
            && merkle::fold(chunk_leaf(&chunk.bytes), chunk.index, &chunk.path)
                == Some(chunk.state.root)
    };
    if named != Some(chunk.state) {
        Err(Reject::Stale)
    } else if transfer.chunks.0.contains_key(&chunk.index) {
        Err(Reject::Duplicate)
    } else if !fits() {
        Err(Reject::Invalid)
    } else {
        Ok(())
    }
}

/// Keeps a chunk.
pub fn on_state_chunk(
    state: &mut State,
    _config: &Config,
    now: Time,
    message: &Verified<StateChunk>,
    effects: &mut Effects,
) {
    let (from, chunk) = (message.signer(), message.body());
    let Some(transfer) = state.transfer.as_mut() else {
        effects.reject(from, Reject::Stale);
        return;
    };
    match judge(transfer, chunk) {
        Ok(()) => {
            transfer.chunks.0.insert(chunk.index, chunk.bytes.to_vec());
            transfer.slow.remove(&from);
            let asked = transfer.asked.remove(&chunk.index).is_some();
            let again = transfer.again.remove(&chunk.index);
            if asked || again {
                transfer.progress_at = now;
            }
        }
        Err(reason) => {
            effects.reject(from, reason);
            if reason == Reject::Invalid {
                transfer.liars.insert(from);
                if transfer.asked.get(&chunk.index).is_some_and(|(whom, _)| *whom == from) {
                    transfer.asked.remove(&chunk.index);
                    transfer.again.insert(chunk.index);
                }
            }
        }
    }
}
