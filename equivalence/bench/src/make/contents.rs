//! Contents that reconciliation brings, and slots by themselves.

use super::number;
use crate::rng::Rng;
use crate::slots::Draw;
use crate::state::{column, possible_content};
use crate::world::World;
use prime::pre_order::{Content, PoSlot, State};
use wire::{PoSeq, ReplicaId, Time};

/// Content for some identifier, as its originator signed it or as others vouched for it.
pub(crate) fn adopted(draw: &mut Draw<'_>) -> (ReplicaId, Content) {
    let originator = draw.world.anyone(draw.rng);
    let seq = number(draw, originator);
    let possible = possible_content(draw.rng, draw.world, draw.state, originator, seq);
    let request = possible.unwrap_or_else(|| draw.world.request(draw.rng, originator, seq, 1));
    let content = if draw.rng.percent(50) {
        Content::of(&request)
    } else {
        Content { digest: request.digest(), body: request.body().clone().into() }
    };
    (originator, content)
}

/// Gives some columns slots that could be certified and are not yet.
pub(crate) fn unsettle(rng: &mut Rng, world: &World, state: &mut State, _now: Time) {
    for originator in world.config.replicas() {
        if rng.percent(20) {
            continue;
        }
        let made = column(rng, world, state, originator);
        let top = made.slots.keys().next_back().copied().unwrap_or(made.aru).max(made.aru);
        state.columns[originator.index()] = made;
        if originator == state.me {
            state.last_own = state.last_own.max(top);
        }
        complete(rng, world, state, originator);
    }
}

/// Often gives the slots above `aru` the votes that they lack.
fn complete(rng: &mut Rng, world: &World, state: &mut State, originator: ReplicaId) {
    let aru = state.columns[originator.index()].aru.0;
    let window = world.config.windows.preorder;
    for seq in (aru + 1..=aru + 3).map(PoSeq) {
        if seq.0 > state.columns[originator.index()].retired.0 + window || rng.percent(25) {
            return;
        }
        let Some(content) = possible_content(rng, world, state, originator, seq) else { return };
        let slots = &mut state.columns[originator.index()].slots;
        let slot = slots.entry(seq).or_default();
        if slot.request.is_none() && slot.adopted.is_none() && slot.certified.is_none() {
            slot.request = Some(content.clone());
        }
        let held = slot.request.as_ref().unwrap_or(&content).digest();
        for voter in world.config.replicas().filter(|voter| *voter != originator) {
            if rng.percent(80) {
                slot.acks.entry(voter).or_insert(held);
            }
        }
        if originator == state.me {
            state.last_own = state.last_own.max(seq);
        }
    }
}

/// A slot by itself and whose it is.
pub(crate) fn owned_slot(draw: &mut Draw<'_>) -> (ReplicaId, PoSlot) {
    let originator = draw.world.anyone(draw.rng);
    let made = column(draw.rng, draw.world, draw.state, originator);
    let at = draw.rng.index(made.slots.len());
    let slot = made.slots.into_values().nth(at).unwrap_or_default();
    let mut slot = if draw.rng.percent(20) { any_slot(draw, originator) } else { slot };
    if draw.rng.percent(30) {
        slot.certified = None;
    }
    if draw.rng.percent(10) {
        // The contract speaks of this although a sound slot has none.
        let digest = slot
            .request
            .as_ref()
            .map_or_else(|| World::no_digest(draw.rng), |request| request.digest());
        slot.acks.insert(originator, digest);
    }
    (originator, slot)
}

/// A slot in which two contents compete for the votes.
fn any_slot(draw: &mut Draw<'_>, originator: ReplicaId) -> PoSlot {
    let seq = PoSeq(1 + draw.rng.below(6));
    let pool = draw.world.contents(originator, seq);
    let mut slot = PoSlot { request: draw.rng.pick(pool).cloned(), ..PoSlot::default() };
    slot.adopted = draw.rng.pick(pool).map(Content::of);
    for voter in draw.world.config.replicas().filter(|voter| *voter != originator) {
        let named = draw.rng.pick(pool).map(|request| request.digest());
        slot.acks.extend(named.filter(|_| draw.rng.percent(80)).map(|digest| (voter, digest)));
    }
    slot
}

/// A slot by itself.
pub(crate) fn lone_slot(draw: &mut Draw<'_>) -> PoSlot {
    let (originator, mut slot) = owned_slot(draw);
    if slot.certified.is_none() && draw.rng.percent(60) {
        let request = slot.request.as_ref().map(|request| request.digest());
        let adopted = slot.adopted.as_ref().map(|content| content.digest);
        slot.certified = if draw.rng.percent(50) { request.or(adopted) } else { adopted };
    }
    slot.acks.remove(&originator);
    slot
}
