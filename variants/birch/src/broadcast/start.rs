//! The broadcasts of a view begin.

use prime::broadcast::Effects;
use prime::broadcast::State;
use prime::broadcast::Tag;
use wire::Config;
use wire::ReplicaId;
use wire::To;
use wire::View;
use wire::prime::Payload;
use wire::prime::RbInit;

/// 5.3, "State Dissemination Phase"
pub fn start(
    state: &mut State,
    config: &Config,
    view: View,
    payloads: Vec<Payload>,
    effects: &mut Effects,
) {
    state.enter(view);
    (0..)
        .zip(payloads)
        .map(|(seq, payload)| RbInit { view, seq, payload })
        .for_each(|init| effects.promise(To::All, init));
    early(state)
        .into_iter()
        .for_each(|tag| prime::broadcast::advance(state, config, tag, effects));
}

/// Broadcasts of what is now the preinstalled view of which something came early, ascending.
fn early(state: &State) -> Vec<Tag> {
    let tag = |originator, seq| Tag {
        view: state.view,
        originator: ReplicaId(originator),
        seq,
    };
    state
        .instances
        .range(tag(0, 0)..=tag(u16::MAX, u32::MAX))
        .map(|(tag, _)| *tag)
        .collect()
}
