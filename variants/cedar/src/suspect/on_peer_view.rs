//! Shows a peer that a later leader was elected.

use prime::suspect::{Effects, State};
use wire::monitoring::Monitoring;
use wire::{ReplicaId, Time, To, View};

/// Shows the proof to a peer behind it, now and then; whether it did.
pub fn on_peer_view(
    state: &mut State,
    rules: &Monitoring,
    now: Time,
    peer: ReplicaId,
    view: View,
    effects: &mut Effects,
) -> bool {
    if peer == state.me || state.proven() <= view {
        return false;
    }
    let place = usize::from(peer.0).wrapping_sub(1);
    let (Some(proof), Some(shown)) = (&state.proof, state.shown.get_mut(place)) else {
        return false;
    };
    let rested = shown.is_none_or(|last| now.0.saturating_sub(last.0) >= rules.period);
    if rested {
        *shown = Some(now);
        effects.send(To::One(peer), proof.clone());
    }
    rested
}
