//! A chunk of a state comes.

use prime::checkpoint::{Effects, State, chunk_leaf, path_length};
use wire::merkle::fold;
use wire::prime::StateChunk;
use wire::{Config, Reject, Time, Verified};

/// Whether the chunk is part of the state that it names.
fn belongs(chunk: &StateChunk) -> bool {
    if u64::from(chunk.index) >= chunk.state.chunks() {
        return false;
    }
    if chunk.path.len() != path_length(&chunk.state) {
        return false;
    }
    fold(chunk_leaf(&chunk.bytes), chunk.index, &chunk.path) == Some(chunk.state.root)
}

/// Keeps a chunk of the state being fetched.
pub fn on_state_chunk(
    state: &mut State,
    _config: &Config,
    now: Time,
    message: &Verified<StateChunk>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    let chunk = message.body();
    let index = chunk.index;
    let Some(transfer) = &mut state.transfer else {
        effects.reject(signer, Reject::Stale);
        return;
    };
    match transfer.proof.checkpoints.first() {
        Some(first) if first.body.state == chunk.state => {}
        _ => {
            effects.reject(signer, Reject::Stale);
            return;
        }
    }
    if transfer.chunks.0.contains_key(&index) {
        effects.reject(signer, Reject::Duplicate);
        return;
    }
    if !belongs(chunk) {
        transfer.liars.insert(signer);
        let mut asked_of_signer = false;
        if let Some(&(server, _)) = transfer.asked.get(&index) {
            asked_of_signer = server == signer;
        }
        if asked_of_signer {
            transfer.asked.remove(&index);
            transfer.again.insert(index);
        }
        effects.reject(signer, Reject::Invalid);
        return;
    }

    transfer.chunks.0.insert(index, chunk.bytes.to_vec());
    transfer.slow.remove(&signer);
    let was_asked = transfer.asked.remove(&index).is_some();
    let was_to_be = transfer.again.remove(&index);
    if was_asked || was_to_be {
        transfer.progress_at = now;
    }
}
