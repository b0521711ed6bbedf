//! A PO-ARU arrives: its length decides what is done.

use prime::pre_order::{Effects, State, merge_row};
use std::cmp::Ordering;
use wire::prime::PoAru;
use wire::{Config, Reject, Verified};

/// By how the length stands to N: nothing, or what it is rejected for.
const OUTCOMES: [(Ordering, Option<Reject>); 3] = [
    (Ordering::Less, Some(Reject::Invalid)),
    (Ordering::Equal, None),
    (Ordering::Greater, Some(Reject::Invalid)),
];

/// Takes a PO-ARU of its signer.
pub fn on_po_aru(
    state: &mut State,
    config: &Config,
    message: &Verified<PoAru>,
    effects: &mut Effects,
) {
    let length = message.body().vec.len().cmp(&config.size());
    let refused = OUTCOMES.iter().find(|(key, _)| *key == length).and_then(|&(_, reason)| reason);
    match refused {
        Some(reason) => effects.reject(message.signer(), reason),
        None => merge_row(state, config, message, effects),
    }
}
