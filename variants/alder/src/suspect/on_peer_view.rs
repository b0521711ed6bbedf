//! Somebody was seen in a view.

use prime::suspect::{Effects, State};
use wire::{Monitoring, ReplicaId, Time, To, View};

/// Shows `peer`, who is in a lower view, why this server's was preinstalled; says whether it did.
pub fn on_peer_view(
    state: &mut State,
    rules: &Monitoring,
    now: Time,
    peer: ReplicaId,
    view: View,
    effects: &mut Effects,
) -> bool {
    if view >= state.view || peer == state.me {
        return false;
    }
    let Some(proof) = &state.proof else {
        return false;
    };
    let row = usize::from(peer.0).wrapping_sub(1);
    let Some(shown) = state.shown.get_mut(row) else {
        return false;
    };
    if let Some(before) = *shown {
        if now.0 < before.0.saturating_add(rules.period) {
            return false;
        }
    }

    *shown = Some(now);
    effects.send(To::One(peer), proof.clone());
    true
}
