//! Waiting acknowledgements leave in full messages.

use prime::pre_order::{Effects, State};
use wire::prime::{MAX_ACKS, PoAcks};
use wire::{Config, List, To};

/// Cuts the waiting list into slices of the largest size allowed.
pub fn make_po_acks(state: &mut State, _config: &Config, effects: &mut Effects) {
    for slice in state.unsent_acks.chunks(MAX_ACKS) {
        let acks = List::new(slice.to_vec()).expect("slices are capped");
        effects.send(To::All, PoAcks { acks });
    }
    state.unsent_acks.clear();
}
