//! `view_change.complete`: Report, entries, what they rest on, and execution as far.

use prime::view_change::{State, Statement};
use wire::{ReplicaId, Seq};

/// What `originator` said in the change under way.
fn said(state: &State, originator: ReplicaId) -> Option<&Statement> {
    state.round()?.delivered.get(&originator)?.statement.as_ref()
}

/// Whether the complete state of `originator` has been collected.
pub fn complete(state: &State, originator: ReplicaId, executed: Seq) -> bool {
    said(state, originator).is_some_and(|statement| {
        statement.executed <= executed
            && statement.replay.is_none_or(|chosen| state.holds(chosen.resolution, executed))
    })
}
