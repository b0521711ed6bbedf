//! Pings every other server.

use prime::suspect::{Effects, MAX_PINGS, State};
use wire::prime::RttPing;
use wire::{Time, To};

/// Counts, remembers and sends one ping.
pub fn make_ping(state: &mut State, now: Time, effects: &mut Effects) {
    let seq = state.ping_seq.saturating_add(1);
    state.ping_seq = seq;
    state.pings.insert(seq, now);
    for _ in MAX_PINGS..state.pings.len() {
        state.pings.pop_first();
    }
    effects.send(To::Others, RttPing { view: state.view, seq });
}
