//! The cumulative acknowledgement.

use prime::pre_order::{Effects, State};
use wire::prime::PoAru;
use wire::{Config, List, Time, To};

/// Raises the announced vector in place, remembering whether any entry moved, and announces it.
pub fn make_po_aru(state: &mut State, config: &Config, now: Time, effects: &mut Effects) {
    if state.next_aru_at > now {
        return;
    }
    let mut moved = false;
    for (sent, column) in state.sent_aru.iter_mut().zip(&state.columns) {
        moved |= *sent < column.aru;
        *sent = column.aru.max(*sent);
    }
    if moved {
        state.next_aru_at = now.after(config.timing.po_aru);
        let vec = List::new(state.sent_aru.clone()).expect("one entry a replica");
        effects.promise(To::All, PoAru { vec });
    }
}
