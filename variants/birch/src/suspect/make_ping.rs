//! `suspect.make_ping`: B1 to B3.

use prime::suspect::{Effects, MAX_PINGS, State};
use wire::prime::RttPing;
use wire::{Time, To};

/// Pings all others.
pub fn make_ping(state: &mut State, now: Time, effects: &mut Effects) {
    let seq = state.ping_seq.saturating_add(1);
    state.ping_seq = seq;
    state.pings.insert(seq, now);
    while state.pings.len() > MAX_PINGS {
        state.pings.pop_first();
    }
    effects.send(To::Others, RttPing { view: state.view, seq });
}
