//! Somebody asks for a chunk.

use prime::checkpoint::{Effects, MAX_CHUNKS, State};
use wire::prime::{StateChunk, StateRequest};
use wire::{Blob, Config, Reject, ReplicaId, Time, To, Verified};

/// Answers a State-Request of its signer, if its state is here.
pub fn on_state_request(
    state: &mut State,
    config: &Config,
    now: Time,
    message: &Verified<StateRequest>,
    effects: &mut Effects,
) {
    let signer = message.signer();
    if signer == state.me {
        return;
    }
    let wanted = message.body().state;
    let index = message.body().index;

    let mut found = None;
    if let Some(mark) = state.marks.get(&wanted.seq) {
        if mark.state == wanted {
            found = mark.snapshot.as_ref();
        }
    }
    let Some(snapshot) = found else {
        effects.reject(None::<ReplicaId>, Reject::Premature);
        return;
    };
    if u64::from(index) >= wanted.chunks() {
        effects.reject(signer, Reject::Invalid);
        return;
    }
    let row = usize::from(signer.0).wrapping_sub(1);
    let Some(given) = state.given.get_mut(row) else {
        effects.reject(signer, Reject::NotEntitled);
        return;
    };
    let (since, count) = *given;
    let goes_on = count > 0 && now.0 < since.0.saturating_add(config.timing.retransmit);
    if goes_on && count >= MAX_CHUNKS {
        effects.reject(signer, Reject::Full);
        return;
    }
    let Ok(bytes) = Blob::new(snapshot.chunk(index).to_vec()) else {
        return;
    };

    let path = snapshot.tree.path(index as usize);
    effects.send(To::One(signer), StateChunk { state: wanted, index, bytes, path });
    *given = if goes_on { (since, count + 1) } else { (now, 1) };
    if wanted.seq == state.offered {
        state.asked_at = Some(now);
    }
}
