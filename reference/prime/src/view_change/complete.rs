//! Whether a server's state may be counted.

use crate::view_change::State;
use slots::slot;
use wire::{ReplicaId, Seq};

/// Says whether the complete state of `originator` in the preinstalled view has been collected.
///
/// That is: all its broadcasts are delivered and their content is valid (its `statement` is there),
/// the statement's `executed` is at or below `executed`, which is how far this server has executed,
/// and the resolution named by its Replay certificate, if it has one, is held ([`State::holds`]).
///
/// Invariant: once true in a view, it stays true.
/// Paper: 5.3, "State Dissemination Phase". Deviation: the resolution.
#[slot(view_change.complete)]
pub fn complete(state: &State, originator: ReplicaId, executed: Seq) -> bool {
    let delivered = state.round().and_then(|round| round.delivered.get(&originator));
    let Some(statement) = delivered.and_then(|delivered| delivered.statement.as_ref()) else {
        return false;
    };
    statement.executed <= executed
        && statement.replay.as_ref().is_none_or(|chosen| state.holds(chosen.resolution, executed))
}
