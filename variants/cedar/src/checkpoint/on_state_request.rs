//! Hands out a chunk.

use prime::checkpoint::{MAX_CHUNKS, State};
use prime::view_change::Effects;
use wire::prime::{StateChunk, StateRequest};
use wire::{Blob, Config, Reject, Time, To, Verified};

/// Answers the signer with the chunk.
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
    let StateRequest { state: name, index } = *message.body();
    let held = state
        .marks
        .get(&name.seq)
        .filter(|mark| mark.state == name)
        .and_then(|mark| mark.snapshot.as_ref());
    let Some(snapshot) = held else {
        effects.reject(None, Reject::Premature);
        return;
    };
    let place = usize::try_from(index).ok().filter(|_| u64::from(index) < name.chunks());
    let Some(place) = place else {
        effects.reject(signer, Reject::Invalid);
        return;
    };
    let Some(given) = state.given.get_mut(usize::from(signer.0).wrapping_sub(1)) else {
        return;
    };
    let over = given.1 == 0 || now.0 >= given.0.0.saturating_add(config.timing.retransmit);
    let (since, count) = if over { (now, 0) } else { *given };
    if count >= MAX_CHUNKS {
        effects.reject(signer, Reject::Full);
        return;
    }
    let Ok(bytes) = Blob::new(snapshot.chunk(index).to_vec()) else {
        return;
    };
    *given = (since, count.saturating_add(1));
    if name.seq == state.offered {
        state.asked_at = Some(now);
    }
    let path = snapshot.tree.path(place);
    effects.send(To::One(signer), StateChunk { state: name, index, bytes, path });
}
