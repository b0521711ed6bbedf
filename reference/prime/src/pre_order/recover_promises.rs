//! The log is read: what was promised stands again.

use crate::pre_order::{Content, PoSlot, State};
use slots::slot;
use wire::Config;

/// Restores every column's `aru` up to what the log's last PO-ARU promised.
///
/// For each originator o, walks from `aru + 1` up to `state.sent_aru[o]` while the slot of that
/// number holds content: `certified` becomes the digest of `adopted` if there is one, else that of
/// `request` (a number was announced only when its content was certified, and content other than
/// the first was logged only because it was the certified one), and the number becomes `aru`. Stops at the first number whose
/// slot is missing or empty. Slots certified already keep their digest. Emits nothing.
///
/// Invariant: `aru <= max(old aru, sent_aru[o])`.
/// Paper: none; the report's servers do not forget. Deviation: none.
#[slot(pre_order.recover_promises)]
pub fn recover_promises(state: &mut State, _config: &Config) {
    for (column, promised) in state.columns.iter_mut().zip(&state.sent_aru) {
        while column.aru < *promised {
            let Some(slot) = column.slots.get_mut(&column.aru.next()) else { break };
            let Some(held) = promised_content(slot) else { break };
            slot.certified = slot.certified.or(Some(held.digest));
            column.aru = column.aru.next();
        }
    }
}

fn promised_content(slot: &PoSlot) -> Option<Content> {
    slot.adopted.clone().or_else(|| slot.request.as_ref().map(Content::of))
}
