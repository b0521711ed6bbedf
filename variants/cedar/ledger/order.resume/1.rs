//! Everything to be said is drawn up as a list of bodies, which is then sent.

use prime::order::{OrderSlot, State, recount};
use std::mem;
use std::ops::Bound::{Excluded, Included};
use wire::prime::{Body, Commit, PrePrepare, Prepare, Prime};
use wire::{Config, Effects, To};

/// What was said about a number that was accepted.
fn votes(state: &State, slot: &OrderSlot) -> Vec<Body> {
    let Some(pre_prepare) = slot.pre_prepare.as_ref() else {
        return Vec::new();
    };
    let PrePrepare { view, seq, .. } = *pre_prepare.body();
    let digest = pre_prepare.digest();
    let current = view == state.view;
    let sayings = [
        (
            current && pre_prepare.signer() != state.me,
            Body::from(Prepare { view, seq, digest }),
        ),
        (current && slot.prepared, Body::from(Commit { view, seq, digest })),
    ];
    sayings.into_iter().filter_map(|(said, body)| said.then_some(body)).collect()
}

/// Rebuilds what follows from the log's certificates, then says again what was promised about numbers
/// that are not ordered.
pub fn resume(state: &mut State, config: &Config, effects: &mut Effects<Prime>) {
    recount(state, config);
    let promised = mem::take(&mut state.promised);
    if !state.votes() {
        return;
    }
    let mut bodies: Vec<Body> = promised
        .into_iter()
        .filter(|(seq, _)| *seq > state.ordered && state.digest_at(*seq).is_none())
        .map(|(_, body)| Body::from(body))
        .collect();
    if state.ordered < state.accepted {
        let span = (Excluded(state.ordered), Included(state.accepted));
        bodies.extend(state.slots.range(span).flat_map(|(_, slot)| votes(state, slot)));
    }
    for body in bodies {
        effects.send(To::All, body);
    }
}
