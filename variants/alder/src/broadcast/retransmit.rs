//! What was said is said again, some entries at a time.

use std::ops::Bound;

use prime::broadcast::{Effects, Instance, State, Tag};
use wire::prime::{Prime, RbEcho, RbReady, RbRequest};
use wire::{Config, Effect, ReplicaId, Time, To};

/// Most entries taken at once.
const TURN: usize = 128;

/// Bits in a word of a set.
const WORD: usize = 64;

/// Whether the bit of `id` is set.
fn has(set: &[u64], id: ReplicaId) -> bool {
    let id = usize::from(id.0);
    if let Some(word) = set.get(id / WORD) {
        return (word >> (id % WORD)) & 1 == 1;
    }
    false
}

/// Sets the bit of `id`, if there is room for it.
fn put(set: &mut [u64], id: ReplicaId) {
    let id = usize::from(id.0);
    if let Some(word) = set.get_mut(id / WORD) {
        *word |= 1 << (id % WORD);
    }
}

/// What is said again about one broadcast, added to `words`. `set` is room for a bit each server.
fn say(
    config: &Config,
    me: ReplicaId,
    tag: Tag,
    instance: &Instance,
    set: &mut [u64],
    words: &mut Vec<Effect<Prime>>,
) {
    let Tag { view, originator, seq } = tag;

    if originator == me
        && let Some(init) = &instance.init
    {
        set.fill(0);
        put(set, me);
        for (id, _) in &instance.echoes {
            put(set, *id);
        }
        for id in config.replicas() {
            if !has(set, id) {
                words.push(Effect::Relay { to: To::One(id), message: init.clone().into() });
            }
        }
    }

    if let Some(digest) = instance.echoed {
        set.fill(0);
        put(set, me);
        for (id, _) in &instance.readies {
            put(set, *id);
        }
        for id in config.replicas() {
            if !has(set, id) {
                let body = RbEcho { originator, view, seq, digest };
                words.push(Effect::Send { to: To::Others, body: body.into() });
                break;
            }
        }
    }

    if let Some(digest) = instance.readied {
        let body = RbReady { originator, view, seq, digest };
        words.push(Effect::Send { to: To::Others, body: body.into() });
    }

    if let Some(digest) = instance.decided {
        let mut there = false;
        if let Some(init) = &instance.init {
            there = init.digest() == digest;
        }
        if !there {
            let body = RbRequest { originator, view, seq, digest };
            words.push(Effect::Send { to: To::Others, body: body.into() });
        }
    }
}

/// Says again what this server said in broadcasts of the preinstalled view.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    let view = state.view;
    let first = Tag { view, originator: ReplicaId(u16::MIN), seq: u32::MIN };
    let last = Tag { view, originator: ReplicaId(u16::MAX), seq: u32::MAX };

    let mut words: Vec<Effect<Prime>> = Vec::new();
    let mut set = vec![0_u64; config.size() / WORD + 1];
    let mut taken = 0_usize;
    let mut cursor = state.cursor;

    // Those after the cursor; none is after one at the end.
    let mut from = Bound::Included(first);
    let mut any = true;
    if let Some(at) = state.cursor
        && at >= first
    {
        from = Bound::Excluded(at);
        any = at < last;
    }
    if any {
        for (tag, instance) in state.instances.range((from, Bound::Included(last))) {
            if taken == TURN {
                break;
            }
            say(config, state.me, *tag, instance, &mut set, &mut words);
            cursor = Some(*tag);
            taken += 1;
        }
    }
    // Those up to the cursor.
    if let Some(at) = state.cursor
        && at >= first
    {
        let mut to = at;
        if to > last {
            to = last;
        }
        for (tag, instance) in state.instances.range(first..=to) {
            if taken == TURN {
                break;
            }
            say(config, state.me, *tag, instance, &mut set, &mut words);
            cursor = Some(*tag);
            taken += 1;
        }
    }

    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
    state.cursor = cursor;
    for word in words {
        effects.push(word);
    }
}
