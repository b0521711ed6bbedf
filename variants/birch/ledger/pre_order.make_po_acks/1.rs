//! Waiting acknowledgements go out.

use prime::pre_order::{Effects, State};
use std::iter::repeat_with;
use std::mem::take;
use wire::prime::PoAcks;
use wire::{Config, List, To};

/// Deals all waiting acknowledgements, in order, into messages that are full but for the last.
pub fn make_po_acks(state: &mut State, _config: &Config, effects: &mut Effects) {
    let mut waiting = take(&mut state.unsent_acks).into_iter();
    repeat_with(|| PoAcks { acks: List::take(&mut waiting) })
        .take_while(|message| !message.acks.is_empty())
        .for_each(|message| effects.send(To::All, message));
}
