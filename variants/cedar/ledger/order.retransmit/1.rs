//! What was said about each number is a list of messages held, which is then passed on.

use prime::order::{OrderSlot, State};
use std::ops::Bound::{Excluded, Included};
use wire::prime::{Incoming, Prime};
use wire::{Config, Effect, Effects, ReplicaId, Time, To};

/// A message of this slot that this server sent or passed on.
type Said = fn(&OrderSlot, ReplicaId) -> Option<Incoming>;

/// In the order in which it is said.
const SAID: [Said; 3] = [
    |slot, _| slot.pre_prepare.clone().map(Incoming::from),
    |slot, me| slot.prepares.get(&me).cloned().map(Incoming::from),
    |slot, me| slot.commits.get(&me).cloned().map(Incoming::from),
];

/// What was said about the numbers that are accepted and not ordered, ascending.
fn messages(state: &State) -> Vec<Incoming> {
    if state.ordered >= state.accepted {
        return Vec::new();
    }
    state
        .slots
        .range((Excluded(state.ordered), Included(state.accepted)))
        .flat_map(|(_, slot)| SAID.iter().filter_map(|said| said(slot, state.me)))
        .collect()
}

/// Sends again what this server said about the lowest unordered numbers.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects<Prime>) {
    if now < state.retransmit_at {
        return;
    }
    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
    for message in messages(state) {
        effects.push(Effect::Relay { to: To::Others, message });
    }
}
