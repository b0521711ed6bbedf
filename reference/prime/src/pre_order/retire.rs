//! Executed slots are dropped.

use crate::pre_order::{Content, PoSlot, State, advance_aru, content};
use slots::slot;
use std::collections::BTreeSet;
use wire::{Config, PoSeq};

/// Drops every slot at or below `executed`, which has an entry for each originator.
///
/// For each originator o, ascending: slots with numbers at or below `executed[o]` are removed, and
/// `retired` and `aru` become at least `executed[o]` (neither ever decreases). The updates of each
/// slot removed are those of its certified content ([`content`]); for an own slot without certified
/// content, those of its `adopted` content, else of its `request`. (client, number) of each of
/// these updates leaves `state.preordered`, and whatever is pending under the same (client,
/// number), with any payload, leaves `state.pending`.
/// Then, for each originator whose `aru` this raised, ascending, [`advance_aru`]: the slots above
/// may have been waiting for the gap to close. Emits nothing.
///
/// Invariant: `retired <= aru`; no slot at or below `retired` is left.
/// Paper: none; the report keeps everything. Deviation: none.
#[slot(pre_order.retire)]
pub fn retire(state: &mut State, config: &Config, executed: &[PoSeq]) {
    assert_eq!(executed.len(), config.size());
    let mut done = BTreeSet::new();
    let mut raised = Vec::new();
    let me = state.me;
    for ((originator, column), &upto) in config.replicas().zip(&mut state.columns).zip(executed) {
        let above = column.slots.split_off(&upto.next());
        let dropped = std::mem::replace(&mut column.slots, above);
        for held in dropped
            .values()
            .filter_map(|slot| content(slot).or_else(|| own(slot, originator == me)))
        {
            done.extend(held.body.updates.iter().map(|update| (update.signer, update.body.seq)));
        }
        column.retired = column.retired.max(upto);
        if upto > column.aru {
            column.aru = upto;
            raised.push(originator);
        }
    }
    if !done.is_empty() {
        for key in &done {
            state.preordered.remove(key);
        }
        state.pending.retain(|update| !done.contains(&(update.signer(), update.body().seq)));
    }
    for originator in raised {
        advance_aru(state, config, originator);
    }
}

/// What an own slot that was never certified here holds.
fn own(slot: &PoSlot, mine: bool) -> Option<Content> {
    let held = || slot.adopted.clone().or_else(|| slot.request.as_ref().map(Content::of));
    if mine { held() } else { None }
}
