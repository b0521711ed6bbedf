//! Whoever is too far behind is shown where to begin.

use crate::checkpoint::{Effects, State};
use slots::slot;
use wire::{Config, Reject, ReplicaId, Time, To};

/// Shows `peer` the proof of the state on offer.
///
/// Nothing happens if `peer` is this server or no mark numbered `offered` with a proof is held.
/// Rejects: `Full` (naming the peer, nothing changed) if `state.shown` of it is some t and `now` is
/// before `t + timing.retransmit`.
/// Otherwise the proof of the mark `offered` is emitted as `Send` to the peer alone, and
/// `state.shown` of it becomes `now`.
///
/// Paper: none. Deviation: none.
///
/// Invariant: nothing but `shown` of the peer changes; at most one proof in `timing.retransmit` for
/// each peer, and never one to this server.
#[slot(checkpoint.make_checkpoint_proof)]
pub fn make_checkpoint_proof(
    state: &mut State,
    config: &Config,
    now: Time,
    peer: ReplicaId,
    effects: &mut Effects,
) {
    let offered = state.marks.get(&state.offered).and_then(|mark| mark.proof.as_ref());
    let Some(proof) = offered.filter(|_| peer != state.me) else { return };
    let shown = &mut state.shown[peer.index()];
    if shown.is_some_and(|at| now.since(at) < config.timing.retransmit) {
        return effects.reject(peer, Reject::Full);
    }
    *shown = Some(now);
    effects.send(To::One(peer), proof.clone());
}
