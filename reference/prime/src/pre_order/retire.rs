//! Executed slots are dropped.

use crate::pre_order::{State, content};
use slots::slot;
use wire::{Config, PoSeq};

/// Drops every slot at or below `executed`, which has an entry for each originator.
///
/// For each originator o in turn: (client, number) of every update in the certified content of
/// each slot dropped leaves `state.preordered`, slots with numbers at or below `executed[o]` are
/// removed, and `retired` and `aru` become at least `executed[o]` (neither ever decreases). An
/// update that also waits in `state.pending` leaves `state.pending` too: it was executed.
/// Emits nothing.
///
/// Invariant: `retired <= aru`; no slot at or below `retired` is left.
/// Paper: none; the report keeps everything. Deviation: none.
#[slot(pre_order.retire)]
pub fn retire(state: &mut State, config: &Config, executed: &[PoSeq]) {
    assert_eq!(executed.len(), config.size());
    let mut done = std::collections::BTreeSet::new();
    for (column, &upto) in state.columns.iter_mut().zip(executed) {
        let above = column.slots.split_off(&upto.next());
        let dropped = std::mem::replace(&mut column.slots, above);
        for held in dropped.values().filter_map(content) {
            done.extend(held.body.updates.iter().map(|update| (update.signer, update.body.seq)));
        }
        column.retired = column.retired.max(upto);
        column.aru = column.aru.max(upto);
    }
    if !done.is_empty() {
        state.preordered.retain(|key| !done.contains(key));
        state.pending.retain(|update| !done.contains(&(update.signer(), update.body().seq)));
    }
}
