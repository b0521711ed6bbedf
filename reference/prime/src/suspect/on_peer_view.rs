//! Somebody is seen in a view that is over.

use crate::suspect::{Effects, State};
use slots::slot;
use wire::monitoring::Monitoring;
use wire::{ReplicaId, Time, To, View};

/// Shows `peer`, which spoke as one who has preinstalled `view`, that a later leader was elected.
///
/// Nothing happens if `view` is at or above the preinstalled one, if `state.proof` is none, if the peer
/// is this server, or if `state.shown` of it is some t and `now` is before `t + rules.period`. Otherwise
/// that becomes `now` and the proof is emitted as `Send` to the peer alone. Answers true in that case
/// only.
///
/// Paper: none; the report assumes that messages between correct servers arrive. Deviation: none.
///
/// Invariant: nothing but `shown` of the peer changes; a peer is shown the proof at most once in
/// `rules.period`.
#[slot(suspect.on_peer_view)]
pub fn on_peer_view(
    state: &mut State,
    rules: &Monitoring,
    now: Time,
    peer: ReplicaId,
    view: View,
    effects: &mut Effects,
) -> bool {
    let Some(proof) = state.proof.as_ref().filter(|_| view < state.view && peer != state.me) else {
        return false;
    };
    let shown = &mut state.shown[peer.index()];
    if shown.is_some_and(|at| now.since(at) < rules.period) {
        return false;
    }
    *shown = Some(now);
    effects.send(To::One(peer), proof.clone());
    true
}
