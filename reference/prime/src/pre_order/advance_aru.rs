//! The gap-free prefix of certified content grows.

use crate::pre_order::{State, certificate};
use slots::slot;
use wire::{Config, ReplicaId};

/// Certifies what can be certified in one originator's column and extends `PO_Aru` over it.
///
/// Walks from `aru + 1` upwards: while the slot of that number exists and [`certificate`] names a
/// digest for it, sets `slot.certified` to it, makes that number the new `aru`, and goes on. Stops at the first number without a certificate. Slots above a gap are not touched, even if
/// they could be certified: they are looked at when the gap closes. Emits nothing.
///
/// Invariant: `aru` never decreases; every number in `(retired, aru]` has a slot with `certified`
/// set and its content held.
/// Paper: 4.1, "Preordering Phase" (`PO_Aru[]`). Deviation: reconciled content counts too.
#[slot(pre_order.advance_aru)]
pub fn advance_aru(state: &mut State, config: &Config, originator: ReplicaId) {
    let column = &mut state.columns[originator.index()];
    let old = column.aru;
    while let Some(slot) = column.slots.get_mut(&column.aru.next()) {
        let Some(digest) = certificate(config, originator, slot) else { break };
        slot.certified = Some(digest);
        column.aru = column.aru.next();
    }
    assert!(column.aru >= old);
}
