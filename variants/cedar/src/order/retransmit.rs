//! What was said about each number is a list of messages held, which is then passed on.

use prime::order::{Effects, OrderSlot, State};
use std::ops::Bound::{Excluded, Unbounded};
use wire::prime::Incoming;
use wire::{Config, Effect, ReplicaId, Time, To};

/// Most rows that matrices have together in what is looked at at once.
const ROWS: usize = 256;

/// What is looked at.
struct Facts<'a> {
    me: ReplicaId,
    /// Whether the number is accepted.
    accepted: bool,
    slot: &'a OrderSlot,
}

/// A message of this slot that this server sent or passed on.
type Said = fn(&Facts<'_>) -> Option<Incoming>;

/// In the order in which it is said.
const SAID: [Said; 3] = [
    |facts| {
        let passed_on = facts.slot.pre_prepare.as_ref().filter(|_| facts.accepted);
        passed_on.cloned().map(Incoming::from)
    },
    |facts| facts.slot.prepares.get(&facts.me).cloned().map(Incoming::from),
    |facts| facts.slot.commits.get(&facts.me).cloned().map(Incoming::from),
];

/// What was said about the lowest numbers that are not ordered, ascending.
fn messages(state: &State, at_once: usize) -> Vec<Incoming> {
    state
        .slots
        .range((Excluded(state.ordered), Unbounded))
        .take(at_once)
        .flat_map(|(seq, slot)| {
            let facts = Facts { me: state.me, accepted: *seq <= state.accepted, slot };
            SAID.iter().filter_map(move |said| said(&facts))
        })
        .collect()
}

/// Sends again what this server said about the lowest unordered numbers.
pub fn retransmit(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if now < state.retransmit_at {
        return;
    }
    state.retransmit_at = Time(now.0.saturating_add(config.timing.retransmit));
    for message in messages(state, ROWS / config.size()) {
        effects.push(Effect::Relay { to: To::Others, message });
    }
}
