//! A PO-ARU by itself.

use prime::pre_order::{Effects, State, merge_row};
use std::cmp::Ordering;
use wire::prime::PoAru;
use wire::{Config, Reject, Verified};

/// Passes a vector of the right length on; the wrong length is the sender's fault.
pub fn on_po_aru(
    state: &mut State,
    config: &Config,
    message: &Verified<PoAru>,
    effects: &mut Effects,
) {
    match message.body().vec.len().cmp(&config.size()) {
        Ordering::Equal => merge_row(state, config, message, effects),
        _ => effects.reject(message.signer(), Reject::Invalid),
    }
}
