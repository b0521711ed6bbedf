//! A PO-ARU arrives by itself.

use crate::pre_order::{Effects, State, merge_row};
use slots::slot;
use wire::prime::PoAru;
use wire::{Config, Reject, Verified};

/// Takes a PO-ARU of its signer.
///
/// Rejects: `Invalid` (naming the signer, nothing changed) if the vector has not exactly N
/// entries. Otherwise the row is merged by [`merge_row`], and that is all. Entries above our
/// windows are no reason to reject it, and neither is a blacklisted signer.
///
/// Paper: 4.1, "Preordering Phase". Deviation: none.
#[slot(pre_order.on_po_aru)]
pub fn on_po_aru(
    state: &mut State,
    config: &Config,
    message: &Verified<PoAru>,
    effects: &mut Effects,
) {
    if message.body().vec.len() == config.size() {
        merge_row(state, config, message, effects);
    } else {
        effects.reject(message.signer(), Reject::Invalid);
    }
}
