//! `suspect.on_peer_view`: helps one who is behind.

use prime::suspect::{Effects, State};
use wire::monitoring::Monitoring;
use wire::{ReplicaId, Time, To, View};

/// Whether one who was shown the proof at `last` may be shown it again.
fn due(last: Option<Time>, rules: &Monitoring, now: Time) -> bool {
    last.is_none_or(|last| now >= last.after(rules.period))
}

/// Shows `peer` the proof of the preinstalled view, if it is behind and was not shown it just now.
pub fn on_peer_view(
    state: &mut State,
    rules: &Monitoring,
    now: Time,
    peer: ReplicaId,
    view: View,
    effects: &mut Effects,
) -> bool {
    let behind = view < state.view && peer != state.me;
    let proof = state.proof.as_ref().filter(|_| behind);
    let shown = usize::from(peer.0).checked_sub(1).and_then(|place| state.shown.get_mut(place));
    match proof.zip(shown.filter(|last| due(**last, rules, now))) {
        None => false,
        Some((proof, shown)) => {
            *shown = Some(now);
            effects.send(To::One(peer), proof.clone());
            true
        }
    }
}
