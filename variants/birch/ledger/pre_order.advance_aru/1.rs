//! The gap-free certified prefix of one originator.

use prime::pre_order::{State, certificate};
use wire::{Config, PoSeq, ReplicaId};

/// Extends `aru` of one column over the unbroken run of certifiable slots right above it.
pub fn advance_aru(state: &mut State, config: &Config, originator: ReplicaId) {
    let column = &mut state.columns[originator.index()];
    let from = column.aru.next();
    column.aru = (from.0..=u64::MAX)
        .zip(column.slots.range_mut(from..))
        .take_while(|(expected, (number, _))| *expected == number.0)
        .map_while(|(number, (_, slot))| {
            slot.certified = certificate(config, originator, slot);
            slot.certified.map(|_| PoSeq(number))
        })
        .last()
        .unwrap_or(column.aru);
}
