//! Whether a server's state was collected.

use prime::view_change::State;
use wire::{ReplicaId, Seq};

/// Whether the statement of `originator` is here, and all that it rests on.
pub fn complete(state: &State, originator: ReplicaId, executed: Seq) -> bool {
    state
        .round()
        .and_then(|round| round.delivered.get(&originator))
        .and_then(|delivered| delivered.statement.as_ref())
        .is_some_and(|statement| {
            statement.replay.is_none_or(|chosen| state.holds(chosen.resolution, executed))
        })
}
