//! Whether a server's state has been collected.

use prime::view_change::State;
use wire::{ReplicaId, Seq};

/// Whether the complete state of `originator` in the preinstalled view is here.
pub fn complete(state: &State, originator: ReplicaId, executed: Seq) -> bool {
    let Some(round) = state.round() else {
        return false;
    };
    let Some(delivered) = round.delivered.get(&originator) else {
        return false;
    };
    let Some(statement) = &delivered.statement else {
        return false;
    };
    if statement.executed > executed {
        return false;
    }
    match &statement.replay {
        Some(chosen) => state.holds(chosen.resolution, executed),
        None => true,
    }
}
