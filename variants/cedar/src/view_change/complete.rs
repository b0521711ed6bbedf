//! Whether a server's state was collected.

use prime::view_change::State;
use wire::{ReplicaId, Seq};

/// Whether the statement of `originator` is here, and executed and held what it rests on.
pub fn complete(state: &State, originator: ReplicaId, executed: Seq) -> bool {
    state
        .round()
        .and_then(|round| round.delivered.get(&originator))
        .and_then(|delivered| delivered.statement.as_ref())
        .is_some_and(|statement| {
            let named = statement.replay.map(|chosen| chosen.resolution);
            statement.executed <= executed && named.is_none_or(|name| state.holds(name, executed))
        })
}
