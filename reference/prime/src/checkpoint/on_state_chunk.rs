//! A chunk arrives.

use crate::checkpoint::{Effects, State, chunk_leaf, path_length};
use slots::slot;
use wire::prime::StateChunk;
use wire::{Config, Reject, Time, Verified, merkle};

/// Keeps a chunk of the state being fetched.
///
/// Rejects (naming the signer, nothing changed unless said), in this precedence:
/// Rejects: `Stale` if no state of that name is being fetched;
/// Rejects: `Duplicate` if the chunk is here;
/// Rejects: `Invalid` if the state has no such chunk, the path has not `path_length` nodes, or the
/// chunk's leaf does not fold along it to the state's root. Then the signer becomes one of
/// `liars`, and if this chunk was asked of it, it moves from `asked` to `again`.
///
/// Otherwise the chunk is kept, whoever it was asked of, and the signer is no longer `slow`, whether it
/// was asked for or not. If the chunk stands in `asked` (of whomever) or `again`, it leaves both and
/// `progress_at` becomes `now`; else `progress_at` stays: what was not asked for is no progress, or by
/// sending it now and then a faulty server would hold this one to a state that nobody else has any
/// more.
///
/// Invariant: what is kept is part of the state that f+1 servers vouched for, and is neither in
/// `asked` nor in `again`.
/// Paper: none. Deviation: none.
#[slot(checkpoint.on_state_chunk)]
pub fn on_state_chunk(
    state: &mut State,
    _config: &Config,
    now: Time,
    message: &Verified<StateChunk>,
    effects: &mut Effects,
) {
    let (sender, chunk) = (message.signer(), message.body());
    let Some(transfer) = state.transfer.as_mut().filter(|held| held.state() == chunk.state) else {
        return effects.reject(sender, Reject::Stale);
    };
    if transfer.chunks.0.contains_key(&chunk.index) {
        return effects.reject(sender, Reject::Duplicate);
    }
    let fits = u64::from(chunk.index) < chunk.state.chunks()
        && chunk.path.len() == path_length(&chunk.state);
    let root = merkle::fold(chunk_leaf(&chunk.bytes), chunk.index, &chunk.path);
    if !fits || root != Some(chunk.state.root) {
        transfer.liars.insert(sender);
        if transfer.asked.get(&chunk.index).is_some_and(|(of, _)| *of == sender) {
            transfer.asked.remove(&chunk.index);
            transfer.again.insert(chunk.index);
        }
        return effects.reject(sender, Reject::Invalid);
    }
    transfer.chunks.0.insert(chunk.index, chunk.bytes.to_vec());
    let lapsed = transfer.again.remove(&chunk.index);
    if transfer.asked.remove(&chunk.index).is_some() || lapsed {
        transfer.progress_at = now;
    }
    transfer.slow.remove(&sender);
}
