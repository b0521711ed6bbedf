//! Everything to be said is drawn up as a list of bodies, which is then sent.

use prime::order::{Effects, OrderSlot, State, accept, recount};
use std::mem;
use std::ops::Bound::{Excluded, Included};
use wire::prime::{Body, Commit, PrePrepare, Prepare};
use wire::{Config, To};

/// What was said about a number that was accepted. `leads`: whether this server leads the view.
fn votes(state: &State, leads: bool, slot: &OrderSlot) -> Vec<Body> {
    let Some(pre_prepare) = slot.pre_prepare.as_ref() else {
        return Vec::new();
    };
    let PrePrepare { view, seq, .. } = *pre_prepare.body();
    if view != state.view {
        return Vec::new();
    }
    let digest = pre_prepare.digest();
    let sayings = [
        (!leads && !slot.committed, Body::from(Prepare { view, seq, digest })),
        (slot.prepared, Body::from(Commit { view, seq, digest })),
    ];
    sayings.into_iter().filter_map(|(said, body)| said.then_some(body)).collect()
}

/// What was said about the numbers that are accepted and not ordered, ascending.
fn sayings(state: &State, config: &Config) -> Vec<Body> {
    if state.ordered >= state.accepted {
        return Vec::new();
    }
    let leads = config.leader_of(state.view) == state.me;
    let span = (Excluded(state.ordered), Included(state.accepted));
    state.slots.range(span).flat_map(|(_, slot)| votes(state, leads, slot)).collect()
}

/// Rebuilds what follows from the log's certificates, then says again what was promised about numbers
/// that are not ordered.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects) {
    recount(state, config);
    accept(state, config, effects);
    if !state.votes() {
        return;
    }
    let mut bodies = sayings(state, config);
    let promised = mem::take(&mut state.promised);
    bodies.extend(
        promised
            .into_iter()
            .filter(|(seq, _)| *seq > state.accepted)
            .map(|(_, body)| Body::from(body)),
    );
    for body in bodies {
        effects.send(To::All, body);
    }
}
