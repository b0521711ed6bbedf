//! What was said in unfinished broadcasts, said again from time to time.

use prime::broadcast::Effects;
use prime::broadcast::Instance;
use prime::broadcast::State;
use prime::broadcast::Tag;
use std::ops::Bound::Excluded;
use std::ops::Bound::Included;
use wire::Config;
use wire::Effect;
use wire::ReplicaId;
use wire::Time;
use wire::To;
use wire::View;
use wire::prime::Prime;
use wire::prime::RbEcho;
use wire::prime::RbReady;
use wire::prime::RbRequest;

/// Most entries in one call.
const ENTRIES: usize = 128;

/// Says again what this server said in broadcasts of the preinstalled view.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
    let taken = chosen(state);
    taken
        .iter()
        .flat_map(|&(tag, instance)| said(config, state.me, tag, instance))
        .for_each(|effect| effects.push(effect));
    state.cursor = taken.last().map(|(tag, _)| *tag).or(state.cursor);
}

/// The entries whose turn it is.
fn chosen(state: &State) -> Vec<(Tag, &Instance)> {
    let (first, last) = bounds(state.view);
    let cursor = state.cursor.filter(|cursor| cursor.view == state.view);
    let tail = state
        .instances
        .range((cursor.map_or(Included(first), Excluded), Included(last)));
    let head = cursor
        .into_iter()
        .flat_map(|cursor| state.instances.range(first..=cursor));
    tail.chain(head)
        .map(|(tag, instance)| (*tag, instance))
        .take(ENTRIES)
        .collect()
}

/// The lowest and the highest tag of `view`.
fn bounds(view: View) -> (Tag, Tag) {
    let tag = |originator, seq| Tag {
        view,
        originator: ReplicaId(originator),
        seq,
    };
    (tag(0, 0), tag(u16::MAX, u32::MAX))
}

/// What is to be said again of one broadcast.
fn said(config: &Config, me: ReplicaId, tag: Tag, instance: &Instance) -> Vec<Effect<Prime>> {
    let Tag {
        view,
        originator,
        seq,
    } = tag;
    let others = || config.replicas().filter(move |other| *other != me);
    let init = instance
        .init
        .iter()
        .filter(|_| originator == me)
        .flat_map(|init| {
            others()
                .filter(|other| !instance.echoes.contains_key(other))
                .map(|other| Effect::Relay {
                    to: To::One(other),
                    message: init.clone().into(),
                })
        });
    let echo = instance
        .echoed
        .filter(|_| others().any(|other| !instance.readies.contains_key(&other)))
        .map(|digest| {
            RbEcho {
                originator,
                view,
                seq,
                digest,
            }
            .into()
        });
    let ready = instance.readied.map(|digest| {
        RbReady {
            originator,
            view,
            seq,
            digest,
        }
        .into()
    });
    let request = instance
        .decided
        .filter(|decided| instance.init.as_ref().map(|init| init.digest()) != Some(*decided))
        .map(|digest| {
            RbRequest {
                originator,
                view,
                seq,
                digest,
            }
            .into()
        });
    init.chain(
        [echo, ready, request]
            .into_iter()
            .flatten()
            .map(|body| Effect::Send {
                to: To::Others,
                body,
            }),
    )
    .collect()
}
