//! Keeps a chunk.

use prime::checkpoint::{State, Transfer, chunk_leaf, path_length};
use prime::view_change::Effects;
use wire::merkle::fold;
use wire::prime::StateChunk;
use wire::{Config, Reject, Time, Verified};

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
    let fetched = state.transfer.as_mut();
    let Some(transfer) = fetched.filter(|transfer| transfer.state() == chunk.state) else {
        effects.reject(signer, Reject::Stale);
        return;
    };
    let index = chunk.index;
    if transfer.chunks.0.contains_key(&index) {
        effects.reject(signer, Reject::Duplicate);
        return;
    }
    if !right(chunk) {
        let Transfer { asked, again, liars, .. } = transfer;
        liars.insert(signer);
        if asked.get(&index).is_some_and(|(server, _)| *server == signer) {
            asked.remove(&index);
            again.insert(index);
        }
        effects.reject(signer, Reject::Invalid);
        return;
    }
    transfer.chunks.0.insert(index, chunk.bytes.to_vec());
    transfer.slow.remove(&signer);
    // What was not asked for is no progress.
    let wanted = [transfer.asked.remove(&index).is_some(), transfer.again.remove(&index)];
    if wanted.contains(&true) {
        transfer.progress_at = now;
    }
}

/// Whether the chunk is part of the state that it names.
fn right(chunk: &StateChunk) -> bool {
    u64::from(chunk.index) < chunk.state.chunks()
        && chunk.path.len() == path_length(&chunk.state)
        && fold(chunk_leaf(&chunk.bytes), chunk.index, &chunk.path) == Some(chunk.state.root)
}
