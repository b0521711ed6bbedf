//! The gap-free certified prefix of one originator's column.

use prime::pre_order::{State, certificate};
use wire::{Config, PoSeq, ReplicaId};

/// Moves `PO_Aru` of one originator over every consecutive slot that has a certificate, and binds
/// each of these slots to its certified digest.
pub fn advance_aru(state: &mut State, config: &Config, originator: ReplicaId) {
    if !config.is_replica(originator) {
        return;
    }
    let column = &mut state.columns[originator.index()];
    if column.aru.0 == u64::MAX {
        return;
    }
    let mut reached = column.aru.0;
    for (seq, slot) in column.slots.range_mut(PoSeq(reached + 1)..) {
        // The range begins above `reached`, so `seq - 1` neither wraps nor lies below it.
        if seq.0 - 1 != reached {
            break;
        }
        match certificate(config, originator, slot) {
            Some(digest) => slot.certified = Some(digest),
            None => break,
        }
        reached = seq.0;
    }
    column.aru = PoSeq(reached);
}
