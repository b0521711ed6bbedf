//! What the log promised, said again.

use prime::broadcast::Effects;
use prime::broadcast::Instance;
use prime::broadcast::State;
use prime::broadcast::Tag;
use wire::Config;
use wire::ReplicaId;
use wire::To;
use wire::View;
use wire::prime::Body;
use wire::prime::RbEcho;
use wire::prime::RbReady;

/// Says again what the log promised.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    std::mem::take(&mut state.promised)
        .into_values()
        .for_each(|init| effects.send(To::All, init));
    state
        .instances
        .range(first(state.view)..=last(state.view))
        .flat_map(|(tag, instance)| votes(*tag, instance))
        .for_each(|vote| effects.send(To::All, vote));
    let tags: Vec<Tag> = state
        .instances
        .range(first(state.view)..=last(state.view))
        .map(|(tag, _)| *tag)
        .collect();
    tags.into_iter()
        .for_each(|tag| prime::broadcast::advance(state, config, tag, effects));
}

/// The Echo and the Ready that were promised.
fn votes(tag: Tag, instance: &Instance) -> impl Iterator<Item = Body> + use<> {
    let Tag {
        view,
        originator,
        seq,
    } = tag;
    let echo = instance.echoed.map(|digest| {
        Body::from(RbEcho {
            originator,
            view,
            seq,
            digest,
        })
    });
    let ready = instance.readied.map(|digest| {
        Body::from(RbReady {
            originator,
            view,
            seq,
            digest,
        })
    });
    echo.into_iter().chain(ready)
}

/// The lowest tag of `view`.
fn first(view: View) -> Tag {
    Tag {
        view,
        originator: ReplicaId(0),
        seq: 0,
    }
}

/// The highest tag of `view`.
fn last(view: View) -> Tag {
    Tag {
        view,
        originator: ReplicaId(u16::MAX),
        seq: u32::MAX,
    }
}
