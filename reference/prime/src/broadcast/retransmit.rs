//! Broadcasts that may have lost messages are said again, from state.

use crate::broadcast::{Effects, Instance, State, Tag};
use slots::slot;
use std::ops::Bound;
use wire::prime::{RbEcho, RbReady, RbRequest};
use wire::{Config, Effect, Time, To, Verified};

/// Most broadcasts looked at in one turn.
const TAGS: usize = 128;

/// Says again what this server said in broadcasts of the preinstalled view, once every
/// `timing.retransmit`. Called while the view is not installed.
///
/// Nothing happens while `now < state.retransmit_at`; otherwise that becomes
/// `now + timing.retransmit`, and up to 128 entries of `state.view` are taken in ascending order,
/// those after `state.cursor`, then from the first on, each at most once; `cursor` becomes the last
/// taken, whether or not there was something to say (without an entry of `state.view` it stays). For
/// each, in this order:
/// - an own Init that is held: `Relay` to every other server of which no Echo is held, of whatever
///   digest, ascending;
/// - the Echo that it `echoed`, if some other server's Ready is not held: `Send` to `To::Others`;
/// - the Ready that it `readied`: `Send` to `To::Others`;
/// - if it is `decided` and its `init` has another digest or is not held: an RbRequest for the
///   decided digest, `Send` to `To::Others`.
///
/// Invariant: says nothing that was not said before, but for requests.
/// Paper: none; the report assumes channels that do not lose. Deviation: none.
#[slot(broadcast.retransmit)]
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    state.retransmit_at = now.after(config.timing.retransmit);
    let first = state.cursor.map_or(Bound::Unbounded, Bound::Excluded);
    let later = state.instances.range((first, Bound::Unbounded));
    let all = later.chain(&state.instances).filter(|(tag, _)| tag.view == state.view);
    let current = state.instances.keys().filter(|tag| tag.view == state.view).count();
    let mut last = None;
    for (tag, instance) in all.take(TAGS.min(current)) {
        again(state, config, *tag, instance, effects);
        last = Some(*tag);
    }
    state.cursor = last.or(state.cursor);
}

fn again(state: &State, config: &Config, tag: Tag, instance: &Instance, effects: &mut Effects) {
    let Tag { view, originator, seq } = tag;
    let others = || config.replicas().filter(|peer| *peer != state.me);
    if let Some(init) = instance.init.as_ref().filter(|_| originator == state.me) {
        for peer in others().filter(|peer| !instance.echoes.contains_key(peer)) {
            effects.push(Effect::Relay { to: To::One(peer), message: init.clone().into() });
        }
    }
    let unready = others().any(|peer| !instance.readies.contains_key(&peer));
    if let Some(digest) = instance.echoed.filter(|_| unready) {
        effects.send(To::Others, RbEcho { originator, view, seq, digest });
    }
    if let Some(digest) = instance.readied {
        effects.send(To::Others, RbReady { originator, view, seq, digest });
    }
    let held = instance.init.as_ref().map(Verified::digest);
    if let Some(digest) = instance.decided.filter(|digest| held != Some(*digest)) {
        effects.send(To::Others, RbRequest { originator, view, seq, digest });
    }
}
