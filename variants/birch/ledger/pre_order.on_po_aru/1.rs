//! A PO-ARU arrives.

use prime::pre_order::{Effects, State, merge_row};
use wire::prime::PoAru;
use wire::{Config, Reject, Verified};

/// Merges the signer's vector, provided that it has an entry for each server and no more.
pub fn on_po_aru(
    state: &mut State,
    config: &Config,
    message: &Verified<PoAru>,
    effects: &mut Effects,
) {
    match shaped(config, message) {
        Ok(row) => merge_row(state, config, row, effects),
        Err(reason) => effects.reject(message.signer(), reason),
    }
}

/// The message, if its vector has N entries.
fn shaped<'a>(
    config: &Config,
    message: &'a Verified<PoAru>,
) -> Result<&'a Verified<PoAru>, Reject> {
    Some(message).filter(|row| row.body().vec.len() == config.size()).ok_or(Reject::Invalid)
}
