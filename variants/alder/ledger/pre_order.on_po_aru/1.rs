//! A PO-ARU that came alone.

use prime::pre_order::{Effects, State, merge_row};
use wire::prime::PoAru;
use wire::{Config, Reject, Verified};

/// Merges a PO-ARU of the right length among the rows held, and drops any other.
pub fn on_po_aru(
    state: &mut State,
    config: &Config,
    message: &Verified<PoAru>,
    effects: &mut Effects,
) {
    let sender = message.signer();
    if message.body().vec.len() != config.size() || !config.is_replica(sender) {
        effects.reject(sender, Reject::Invalid);
        return;
    }
    merge_row(state, config, message, effects);
}
