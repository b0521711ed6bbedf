//! Somebody is shown that a state is on offer.

use prime::checkpoint::{Effects, State};
use wire::{Config, Reject, ReplicaId, Time, To};

/// Shows `peer` the proof of the state on offer.
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
    let Some(mark) = state.marks.get(&state.offered) else {
        return;
    };
    let Some(proof) = &mark.proof else {
        return;
    };
    let row = usize::from(peer.0).wrapping_sub(1);
    let Some(shown) = state.shown.get_mut(row) else {
        return;
    };
    if let Some(before) = *shown {
        if now.0 < before.0.saturating_add(config.timing.retransmit) {
            effects.reject(peer, Reject::Full);
            return;
        }
    }

    effects.send(To::One(peer), proof.clone());
    *shown = Some(now);
}
