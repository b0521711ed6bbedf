//! Somebody wants a chunk.

use crate::checkpoint::{Effects, MAX_CHUNKS, State};
use slots::slot;
use wire::prime::{StateChunk, StateRequest};
use wire::{Blob, Config, Reject, Time, To, Verified};

/// Answers a State-Request of its signer with the chunk, if its state is here.
///
/// Nothing happens if the signer is this server.
/// Rejects (nothing changed), in this precedence:
/// Rejects: `Premature`, naming nobody, if no mark with bytes has that name: every server is asked,
/// also those that gave the state up;
/// Rejects: `Invalid`, naming the signer, if the state has no such chunk;
/// Rejects: `Full`, naming the signer, if it was given `MAX_CHUNKS` in its period: one begins with the
/// first chunk given and ends `timing.retransmit` later.
///
/// Otherwise the chunk with its path is emitted as `Send` to the signer alone; `given` of the signer
/// counts it (from 1 and `now` if the period is new; a count of 0 is no period); and if the state is
/// the one on offer, `asked_at` becomes `now`.
///
/// Paper: none. Deviation: none.
///
/// Invariant: nothing changes but `given` of the signer and `asked_at`.
/// Invariant: a signer gets at most `MAX_CHUNKS` chunks in one period, each with its path, to
/// itself alone.
#[slot(checkpoint.on_state_request)]
pub fn on_state_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<StateRequest>,
    effects: &mut Effects,
) {
    let (sender, &StateRequest { state: name, index }) = (message.signer(), message.body());
    if sender == state.me {
        return;
    }
    let mark = state.marks.get(&name.seq).filter(|mark| mark.state == name);
    let Some(snapshot) = mark.and_then(|mark| mark.snapshot.as_ref()) else {
        return effects.reject(None, Reject::Premature);
    };
    if u64::from(index) >= name.chunks() {
        return effects.reject(sender, Reject::Invalid);
    }
    let given = &mut state.given[sender.index()];
    if given.1 == 0 || now.since(given.0) >= config.timing.retransmit {
        *given = (now, 0);
    }
    if given.1 >= MAX_CHUNKS {
        return effects.reject(sender, Reject::Full);
    }
    given.1 += 1;
    let bytes = Blob::new(snapshot.chunk(index).to_vec()).expect("a chunk has CHUNK bytes at most");
    let path = snapshot.tree.path(index as usize);
    if name.seq == state.offered {
        state.asked_at = Some(now);
    }
    effects.send(To::One(sender), StateChunk { state: name, index, bytes, path });
}
