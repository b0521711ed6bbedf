//! Shows a peer the proof of the state on offer.

use prime::checkpoint::State;
use prime::view_change::Effects;
use wire::{Config, Reject, ReplicaId, Time, To};

/// Shows it, now and then.
pub fn make_checkpoint_proof(
    state: &mut State,
    config: &Config,
    now: Time,
    peer: ReplicaId,
    effects: &mut Effects,
) {
    if peer == state.me {
        return;
    }
    let proof = state.marks.get(&state.offered).and_then(|mark| mark.proof.as_ref());
    let shown = state.shown.get_mut(usize::from(peer.0).wrapping_sub(1));
    let (Some(proof), Some(shown)) = (proof, shown) else {
        return;
    };
    let pause = config.timing.retransmit;
    if shown.is_some_and(|last| now.0 < last.0.saturating_add(pause)) {
        effects.reject(peer, Reject::Full);
        return;
    }
    *shown = Some(now);
    effects.send(To::One(peer), proof.clone());
}
