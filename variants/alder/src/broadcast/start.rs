//! The broadcasts of a view begin.

use prime::broadcast::{Effects, State, Tag};
use wire::prime::{Payload, RbInit};
use wire::{Config, ReplicaId, To, View};

/// Enters `view`, promises the payloads and advances what came early.
pub fn start(
    state: &mut State,
    config: &Config,
    view: View,
    payloads: Vec<Payload>,
    effects: &mut Effects,
) {
    state.enter(view);

    let first = Tag { view, originator: ReplicaId(u16::MIN), seq: u32::MIN };
    let last = Tag { view, originator: ReplicaId(u16::MAX), seq: u32::MAX };
    let mut tags = Vec::new();
    for (tag, _) in state.instances.range(first..=last) {
        tags.push(*tag);
    }

    let mut seq = 0_u32;
    for payload in payloads {
        effects.promise(To::All, RbInit { view, seq, payload });
        seq = seq.saturating_add(1);
    }
    for tag in tags {
        prime::broadcast::advance(state, config, tag, effects);
    }
}
